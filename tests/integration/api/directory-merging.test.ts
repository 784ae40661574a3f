import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { type Person, startTestDesk, type TestDesk, testContext } from '#tests/support/desk.ts';

let desk: TestDesk;
let admin: Person;
let agent: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  admin = await desk.person('admin');
  agent = await desk.person('agent');
});
afterAll(() => desk?.stop());

type Kind = 'people' | 'companies';
const change = (method: 'PUT' | 'DELETE', url: string, payload?: object, by = admin) =>
  desk.as(by, { method, url, headers: { 'if-match': '*' }, ...(payload && { payload }) });
const merge = (kind: Kind, from: string, into: string, by = admin) =>
  change('PUT', `/v1/${kind}/${from}/merge`, { into }, by);
const unmerge = (kind: Kind, id: string, by = admin) => change('DELETE', `/v1/${kind}/${id}/merge`, undefined, by);
const read = async (url: string, by = agent) => (await desk.as(by, url)).json();
const ensure = (address: string) =>
  desk.platform.commands.directory.ensurePerson({ address, name: null, origin: 'mail' }, testContext());
const ticketOf = async (email: string): Promise<string> => {
  const payload = { subject: `Of ${email}`, text: 'x', requester: { email } };
  return (await desk.as(agent, { method: 'POST', url: '/v1/tickets', payload })).json().id;
};
const tokenOf = async (id: string): Promise<Person> => {
  const issued = { personId: id, role: 'customer', label: 'x', expiresAt: null } as const;
  return { id, token: (await desk.platform.commands.directory.issueToken(issued, testContext())).token };
};
const ticketsOf = async (by: Person, query = ''): Promise<string[]> =>
  (await read(`/v1/tickets${query}`, by)).items.map(({ id }: { id: string }) => id).sort();
const cacheRunsOut = () => desk.clock.forward({ seconds: 6 });

/** Two customers who are one, each with a ticket and a token. */
async function twoOf(name: string) {
  const [home, work] = [`${name}@home.example`, `${name}@${name}.example`];
  const [a, b] = [(await ensure(home)).personId, (await ensure(work)).personId];
  const tickets = { a: await ticketOf(home), b: await ticketOf(work) };
  return { a, b, home, work, tickets, tokens: { a: await tokenOf(a), b: await tokenOf(b) } };
}

describe('a person merged into another one', () => {
  it('is shown, found and written to as the one who goes on', async () => {
    const { a, b, home, tickets, work } = await twoOf('vera');
    await change('PUT', `/v1/people/${a}/login`, { login: 'vera' });
    expect((await merge('people', a, b, agent)).statusCode).toBe(200);
    expect(await read(`/v1/people/${b}`)).toMatchObject({
      emails: [work, home],
      merged: [{ id: a, name: home }],
      mergedInto: null,
    });
    expect(await read(`/v1/people/${a}`)).toMatchObject({ emails: [home], mergedInto: { id: b, name: work } });
    for (const q of [home, 'vera@vera', 'vera'])
      expect((await read(`/v1/people?q=${q}`)).items.map(({ id }: { id: string }) => id)).toEqual([b]);
    expect((await read(`/v1/tickets/${tickets.a}`)).requester).toEqual({ id: b, name: work });
    const both = [tickets.a, tickets.b].sort();
    for (const id of [a, b]) expect(await ticketsOf(agent, `?requester=${id}`)).toEqual(both);
    expect((await ensure(home)).personId).toBe(b);
    const next = await ticketOf(home);
    expect((await read(`/v1/tickets/${next}/history`)).items[0].data).toMatchObject({ requesterId: b });
  });

  it('is acted for by tokens of either, and stands alone again when it is taken back', async () => {
    const { a, b, home, tickets, tokens } = await twoOf('wim');
    const before = [await read(`/v1/people/${a}`), await read(`/v1/people/${b}`)];
    await merge('people', a, b);
    cacheRunsOut();
    for (const by of [tokens.a, tokens.b]) {
      expect(await ticketsOf(by)).toEqual([tickets.a, tickets.b].sort());
      expect((await read('/v1/me', by)).id).toBe(b);
      const payload = { visibility: 'public', text: 'More.' };
      for (const ticket of [tickets.a, tickets.b]) {
        const url = `/v1/tickets/${ticket}/comments`;
        const answer = await desk.as(by, { method: 'POST', url, headers: { 'if-match': '*' }, payload });
        expect([200, 201]).toContain(answer.statusCode);
      }
    }
    expect((await unmerge('people', a)).statusCode).toBe(200);
    cacheRunsOut();
    expect(await ticketsOf(tokens.a)).toEqual([tickets.a]);
    expect(await ticketsOf(tokens.b)).toEqual([tickets.b]);
    expect((await desk.as(tokens.b, `/v1/tickets/${tickets.a}`)).statusCode).toBe(404);
    const after = [await read(`/v1/people/${a}`), await read(`/v1/people/${b}`)];
    expect(after.map((each) => ({ ...each, version: 0 }))).toEqual(before.map((each) => ({ ...each, version: 0 })));
    expect((await ensure(home)).personId).toBe(a);
    expect((await read(`/v1/tickets/${tickets.a}`)).requester.id).toBe(a);
  });

  it('follows a ticket as the one who goes on, and is taken off as that', async () => {
    const { a, b, tickets } = await twoOf('fay');
    const url = `/v1/tickets/${tickets.b}`;
    const follow = async (payload: object) => {
      const change = { method: 'POST', url: `${url}/followers`, headers: { 'if-match': '*' }, payload } as const;
      expect((await desk.as(agent, change)).statusCode).toBe(200);
      return (await read(url)).followers.map(({ id }: { id: string }) => id);
    };
    expect(await follow({ add: [a, b] })).toEqual([a, b]);
    await merge('people', a, b);
    expect((await read(url)).followers.map(({ id }: { id: string }) => id)).toEqual([b]);
    expect(await follow({ remove: [b] })).toEqual([]);
    expect(await follow({ add: [a] })).toEqual([b]);
    await unmerge('people', a);
    expect(await follow({})).toEqual([b]);
  });

  it('goes along when the other one is merged, and keeps to it when that is taken back', async () => {
    const [{ a, b, home }, other] = [await twoOf('xenia'), await twoOf('yann')];
    await merge('people', a, b);
    await merge('people', b, other.a);
    expect((await ensure(home)).personId).toBe(other.a);
    expect((await read(`/v1/people/${other.a}`)).merged.map(({ id }: { id: string }) => id).sort()).toEqual(
      [a, b].sort(),
    );
    await unmerge('people', b);
    expect((await ensure(home)).personId).toBe(b);
    expect((await read(`/v1/people/${other.a}`)).merged).toEqual([]);
  });

  it('stays as it is until then', async () => {
    const { a, b, home } = await twoOf('zoe');
    await merge('people', a, b);
    for (const [path, body] of [
      ['name', { name: 'Z' }],
      ['merge', { into: agent.id }],
      ['roles', { roles: ['agent'] }],
    ] as const) {
      const refused = await change('PUT', `/v1/people/${a}/${path}`, body);
      expect([path, refused.statusCode, refused.json().code, refused.json().into]).toEqual([
        path,
        409,
        'PERSON_MERGED',
        b,
      ]);
    }
    const into = await merge('people', agent.id === a ? b : (await twoOf('zack')).a, a);
    expect([into.statusCode, into.json().code, into.json().errors[0].pointer]).toEqual([409, 'PERSON_MERGED', '/into']);
    const post = { method: 'POST', headers: { 'if-match': '*' }, payload: { add: [home] } } as const;
    const taken = await desk.as(admin, { ...post, url: `/v1/people/${agent.id}/emails` });
    expect([taken.statusCode, taken.json().code, taken.json().id]).toEqual([409, 'EMAIL_TAKEN', b]);
  });

  it('is nobody’s own, nor of those who work here, nor in a circle', async () => {
    const { a, b } = await twoOf('quentin');
    const refusalOf = async (from: string, into: string, by = admin) => {
      const answer = await merge('people', from, into, by);
      return [answer.statusCode, answer.json().code];
    };
    expect(await refusalOf(a, a)).toEqual([422, 'RELATION_TO_ITSELF']);
    expect(await refusalOf(a, newId())).toEqual([422, 'UNKNOWN_PERSON']);
    expect(await refusalOf(newId(), a)).toEqual([422, 'UNKNOWN_PERSON']);
    expect(await refusalOf(agent.id, a)).toEqual([409, 'PERSON_HAS_ROLES']);
    expect(await refusalOf(a, admin.id, agent)).toEqual([403, 'FORBIDDEN']);
    const crossing = await Promise.all([merge('people', a, b), merge('people', b, a)]);
    const done = crossing.filter(({ statusCode }) => statusCode === 200).length;
    expect(done).toBeLessThan(2);
    const merged = await Promise.all([a, b].map(async (id) => (await read(`/v1/people/${id}`)).mergedInto));
    expect(merged.filter(Boolean)).toHaveLength(done);
    const none = await unmerge('people', admin.id);
    expect([none.statusCode, none.json().code]).toEqual([409, 'NOT_MERGED']);
  });

  it('is merged once by a request that is repeated', async () => {
    const { a, b } = await twoOf('rosa');
    const headers = { 'if-match': '*', 'idempotency-key': newId() };
    const again = () => desk.as(admin, { method: 'PUT', url: `/v1/people/${a}/merge`, headers, payload: { into: b } });
    const first = (await again()).json();
    await unmerge('people', a);
    expect((await again()).json()).toEqual(first);
    expect((await read(`/v1/people/${a}`)).mergedInto).toBeNull();
  });
});

describe('a company merged into another one', () => {
  it('is shown as the one that goes on, with people, tickets and domains, until it is taken back', async () => {
    const [ida, udo] = [await ensure('ida@umbrella.example'), await ensure('udo@umbrella.test')];
    const tickets = [await ticketOf('ida@umbrella.example'), await ticketOf('udo@umbrella.test')].sort();
    const [from, into] = [ida.companyId ?? '', udo.companyId ?? ''];
    expect((await merge('companies', from, into, agent)).statusCode).toBe(403);
    expect((await merge('companies', from, into)).statusCode).toBe(200);
    expect(await read(`/v1/companies/${into}`)).toMatchObject({
      domains: ['umbrella.test', 'umbrella.example'],
      merged: [{ id: from, name: 'umbrella.example' }],
    });
    const one = { id: into, name: 'umbrella.test' };
    expect((await read(`/v1/companies/${from}`)).mergedInto).toEqual(one);
    expect((await read(`/v1/people/${ida.personId}`)).company).toEqual(one);
    expect((await read('/v1/companies?q=umbrella.e')).items.map(({ id }: { id: string }) => id)).toEqual([into]);
    for (const id of [from, into]) {
      expect((await read(`/v1/people?company=${id}`)).items).toHaveLength(2);
      expect(await ticketsOf(agent, `?company=${id}`)).toEqual(tickets);
    }
    expect((await ensure('new@umbrella.example')).companyId).toBe(into);
    const again = await merge('companies', from, into);
    expect([again.statusCode, again.json().code]).toEqual([409, 'COMPANY_MERGED']);
    expect((await unmerge('companies', from)).statusCode).toBe(200);
    expect((await ensure('newer@umbrella.example')).companyId).toBe(from);
    expect(await read(`/v1/companies/${into}`)).toMatchObject({ domains: ['umbrella.test'], merged: [] });
    expect(await ticketsOf(agent, `?company=${from}`)).toHaveLength(1);
  });
});
