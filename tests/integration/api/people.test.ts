import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, personIdOf } from '#packages/kernel/ids.ts';
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

const anyVersion = { 'if-match': '*' };
const send = (
  method: 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: object,
  headers: object = anyVersion,
  by = agent,
) => desk.as(by, { method, url, headers: { ...headers }, ...(payload && { payload }) });
const read = async (url: string, by = agent) => (await desk.as(by, url)).json();
const customer = async (name: string, ...emails: string[]): Promise<string> =>
  (await send('POST', '/v1/people', { name, emails, roles: ['customer'] }, {})).json().id;
const ensure = (address: string) =>
  desk.platform.commands.directory.ensurePerson({ address, name: null, origin: 'mail' }, testContext());

describe('a person', () => {
  it('is changed one thing at a time, on the version that was seen', async () => {
    const id = await customer('Lena', 'lena@lamp.example');
    const { headers } = await desk.as(agent, `/v1/people/${id}`);
    const change = async (path: string, body: object, method: 'PUT' | 'POST' = 'PUT') =>
      expect([path, (await send(method, `/v1/people/${id}/${path}`, body)).statusCode]).toEqual([path, 200]);
    await change('name', { name: ' Lena Novak ' });
    await change('notes', { notes: 'Calls on Mondays.' });
    await change('language', { language: 'DE-at' });
    await change('login', { login: 'lnovak' });
    await change('phones', { add: ['+49 30 1111', '0171 2222'], remove: ['030 9'] }, 'POST');
    await change('phones', { remove: ['0049 30 1111'] }, 'POST');
    await change('emails', { add: ['L@Lamp.example'], main: 'l@lamp.example' }, 'POST');
    expect(await read(`/v1/people/${id}`)).toMatchObject({
      name: 'Lena Novak',
      notes: 'Calls on Mondays.',
      language: 'de-AT',
      login: 'lnovak',
      phones: [{ number: '01712222', written: '0171 2222' }],
      emails: ['l@lamp.example', 'lena@lamp.example'],
      merged: [],
      mergedInto: null,
    });
    const stale = await send('PUT', `/v1/people/${id}/name`, { name: 'X' }, { 'if-match': headers.etag });
    expect([stale.statusCode, stale.json().code]).toEqual([412, 'VERSION_CONFLICT']);
    const blind = await send('PUT', `/v1/people/${id}/name`, { name: 'X' }, {});
    expect([blind.statusCode, blind.json().code]).toEqual([428, 'PRECONDITION_REQUIRED']);
    const seen = (await desk.as(agent, `/v1/people/${id}`)).headers.etag;
    expect((await send('PUT', `/v1/people/${id}/name`, { name: 'Lena N.' }, { 'if-match': seen })).statusCode).toBe(
      200,
    );
    expect((await read('/v1/people?q=lnov')).items).toMatchObject([{ id }]);
    expect((await read('/v1/mentions?q=lnov')).items).toMatchObject([{ id, name: 'Lena N.' }]);
  });

  it('has a history with who did what', async () => {
    const id = await customer('Hanna', 'hanna@history.example');
    await send('PUT', `/v1/people/${id}/notes`, { notes: 'VIP' }, anyVersion, admin);
    const first = await read(`/v1/people/${id}/history?limit=1`);
    expect(first.items).toMatchObject([
      { type: 'PersonRegistered', version: 1, actor: { id: agent.id, name: 'agent' } },
    ]);
    const second = await read(first.next);
    expect(second).toMatchObject({
      items: [{ type: 'PersonNotesChanged', data: { notes: 'VIP' }, actor: { id: admin.id, name: 'admin' } }],
      next: null,
    });
    expect((await desk.as(agent, `/v1/people/${newId()}/history`)).statusCode).toBe(404);
  });

  it.each([
    ['PUT', 'name', { name: ' ' }, 400, 'INVALID_REQUEST', '/name'],
    ['PUT', 'language', { language: 'not a language' }, 422, 'LANGUAGE_INVALID', '/language'],
    ['PUT', 'login', { login: 'Upper Case' }, 400, 'INVALID_REQUEST', '/login'],
    ['PUT', 'company', { companyId: newId() }, 422, 'UNKNOWN_COMPANY', '/companyId'],
    ['POST', 'phones', { add: ['call me'] }, 422, 'PHONE_INVALID', '/add/0'],
    ['POST', 'emails', { add: ['nobody'] }, 400, 'INVALID_REQUEST', '/add/0'],
    ['POST', 'emails', { main: 'other@bad.example' }, 422, 'EMAIL_NOT_HELD', '/main'],
    ['POST', 'emails', { add: ['agent@desk.example'] }, 409, 'EMAIL_TAKEN', '/add/0'],
  ] as const)('%s %s %j is refused', async (method, path, body, status, code, pointer) => {
    const id = (await ensure('bad@bad.example')).personId;
    const answer = await send(method, `/v1/people/${id}/${path}`, body);
    expect([answer.statusCode, answer.json().code, answer.json().errors[0].pointer]).toEqual([status, code, pointer]);
  });

  it('who works here is not for agents to change, but for themselves', async () => {
    for (const [by, whom, status] of [
      [agent, admin, 403],
      [agent, agent, 200],
      [admin, agent, 200],
    ] as const)
      expect((await send('PUT', `/v1/people/${whom.id}/notes`, { notes: 'x' }, anyVersion, by)).statusCode).toBe(
        status,
      );
    const roles = await send('POST', '/v1/people', { name: 'x', emails: [], roles: ['agent'] }, {});
    expect(roles.statusCode).toBe(403);
  });

  it('has a login that nobody else has', async () => {
    const [one, two] = [await customer('One'), await customer('Two')];
    await send('PUT', `/v1/people/${one}/login`, { login: 'one' });
    await desk.settled();
    const taken = await send('PUT', `/v1/people/${two}/login`, { login: 'one' });
    expect([taken.statusCode, taken.json().code, taken.json().id]).toEqual([409, 'LOGIN_TAKEN', one]);
    await send('PUT', `/v1/people/${one}/login`, { login: null });
    await desk.settled();
    expect((await send('PUT', `/v1/people/${two}/login`, { login: 'one' })).statusCode).toBe(200);
  });
});

describe('an address', () => {
  it('leads mail to whom it was added to, and to nobody known when it was removed', async () => {
    const id = await customer('Mia', 'mia@work.example');
    await send('POST', `/v1/people/${id}/emails`, { add: ['mia@home.example'] });
    expect((await ensure('mia@home.example')).personId).toBe(id);
    await send('POST', `/v1/people/${id}/emails`, { remove: ['mia@home.example'] });
    const other = await ensure('mia@home.example');
    expect(other.personId).toBe(personIdOf('mia@home.example'));
    const taken = await send('POST', `/v1/people/${id}/emails`, { add: ['mia@home.example'] });
    expect([taken.statusCode, taken.json().code, taken.json().id]).toEqual([409, 'EMAIL_TAKEN', other.personId]);
  });

  it('that somebody has let go is free, for others and for somebody new, who is always the same', async () => {
    const first = (await ensure('info@shared.example')).personId;
    await send('POST', `/v1/people/${first}/emails`, {
      add: ['first@shared.example'],
      remove: ['info@shared.example'],
    });
    const [second, again] = await Promise.all([ensure('info@shared.example'), ensure('info@shared.example')]);
    expect(second.personId).not.toBe(first);
    expect(again.personId).toBe(second.personId);
    expect((await ensure('info@shared.example')).personId).toBe(second.personId);
    await send('POST', `/v1/people/${second.personId}/emails`, {
      add: ['x@shared.example'],
      remove: ['info@shared.example'],
    });
    const back = await send('POST', `/v1/people/${first}/emails`, { add: ['info@shared.example'] });
    expect(back.statusCode).toBe(200);
    expect((await ensure('info@shared.example')).personId).toBe(first);
  });

  it('has one holder, however many claim it at once and whoever writes from it', async () => {
    const ids = await Promise.all(['a', 'b', 'c'].map((name) => customer(`Racer ${name}`)));
    const add = (id: string) => send('POST', `/v1/people/${id}/emails`, { add: ['race@race.example'] });
    const [mail, ...answers] = await Promise.all([ensure('race@race.example'), ...ids.map(add)]);
    const holder = (await ensure('race@race.example')).personId;
    expect([mail.personId, ...ids]).toContain(holder);
    const people = await Promise.all([mail.personId, ...ids].map((id) => read(`/v1/people/${id}`)));
    const holders = people.filter(({ emails }) => emails?.includes('race@race.example')).map(({ id }) => id);
    expect([...new Set(holders)]).toEqual([holder]);
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(ids.includes(holder) ? 1 : 0);
  });

  it('of a second one at the registration is claimed too', async () => {
    const id = await customer('Nora', 'nora@n.example', 'nora@two.example');
    expect((await ensure('nora@two.example')).personId).toBe(id);
    const known = await send(
      'POST',
      '/v1/people',
      { name: 'N', emails: ['nora@two.example'], roles: ['customer'] },
      {},
    );
    expect([known.statusCode, known.json().code, known.json().id]).toEqual([409, 'PERSON_EXISTS', id]);
    const second = { name: 'N', emails: ['new@n.example', 'nora@n.example'], roles: ['customer'] };
    const taken = await send('POST', '/v1/people', second, {});
    expect([taken.statusCode, taken.json().code, taken.json().errors[0].pointer]).toEqual([
      409,
      'EMAIL_TAKEN',
      '/emails/1',
    ]);
    expect(await desk.platform.commands.directory.findByAddress('new@n.example')).toBeNull();
  });

  it('is changed once by a request that is repeated', async () => {
    const id = await customer('Olga', 'olga@o.example');
    const headers = { ...anyVersion, 'idempotency-key': newId() };
    const add = () => send('POST', `/v1/people/${id}/emails`, { add: ['olga@p.example'] }, headers);
    const first = (await add()).json();
    expect((await add()).json()).toEqual(first);
    await send('POST', `/v1/people/${id}/emails`, { remove: ['olga@p.example'] });
    expect((await add()).json()).toEqual(first);
    expect((await ensure('olga@p.example')).personId).not.toBe(id);
  });
});
