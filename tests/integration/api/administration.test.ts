import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';
import { calendarOf, savedPolicy } from '#tests/support/settings.ts';

let desk: TestDesk;
let admin: Person;
let agent: Person;

beforeAll(async () => {
  desk = await startTestDesk();
  admin = await desk.person('admin');
  agent = await desk.person('agent');
});
afterAll(() => desk?.stop());

const send = (method: 'POST' | 'PUT' | 'DELETE', url: string, payload?: object, headers = {}, person = admin) =>
  desk.as(person, { method, url, headers, ...(payload && { payload }) });
const read = async (url: string, person = admin) => (await desk.as(person, url)).json();

const register = (name: string, roles: string[]) =>
  send('POST', '/v1/people', { name, emails: [`${name}@Desk.example`], roles });

describe('people', () => {
  it('are registered with roles and found again', async () => {
    const answer = await register('carla', ['agent', 'supervisor']);
    expect(answer.statusCode).toBe(201);
    const { id } = answer.json();
    expect(answer.headers['location']).toBe(`/v1/people/${id}`);
    const person = await read(`/v1/people/${id}`);
    expect(person).toMatchObject({ name: 'carla', emails: ['carla@desk.example'], roles: ['agent', 'supervisor'] });
    for (const query of ['q=CAR', 'q=carla%40desk', 'role=supervisor']) {
      expect((await read(`/v1/people?${query}`)).items).toEqual([person]);
    }
    expect((await read('/v1/people?q=%25')).items).toEqual([]);
  });

  it('are found by digits of their telephone numbers, however they are written', async () => {
    const payload = {
      name: 'Gerda',
      emails: [],
      roles: ['customer'],
      phones: ['+49 (0)30 778-899', '0171 / 55 66 77'],
    };
    const { id } = (await send('POST', '/v1/people', payload)).json();
    const person = await read(`/v1/people/${id}`);
    expect(person.phones).toEqual([
      { number: '+4930778899', written: '+49 (0)30 778-899' },
      { number: '0171556677', written: '0171 / 55 66 77' },
    ]);
    for (const q of ['+49 30 7788', '030 77 88 99', '0049 30 778899', '7788', '(0171) 55', '+49 171 556677']) {
      expect((await read(`/v1/people?q=${encodeURIComponent(q)}`)).items).toEqual([person]);
    }
    for (const q of ['77', '+48 30 778899', '7788 Gerda']) {
      expect((await read(`/v1/people?q=${encodeURIComponent(q)}`)).items).toEqual([]);
    }
    const wrong = await send('POST', '/v1/people', { ...payload, phones: ['030 1234', 'no number'] });
    expect([wrong.statusCode, wrong.json().code, wrong.json().errors[0].pointer]).toEqual([
      422,
      'PHONE_INVALID',
      '/phones/1',
    ]);
  });

  it('who are known are not registered over, but the same request is answered again', async () => {
    const headers = { 'idempotency-key': newId() };
    const payload = { name: 'dora', emails: ['dora@desk.example'], roles: ['agent'] };
    const first = await send('POST', '/v1/people', payload, headers);
    expect((await send('POST', '/v1/people', payload, headers)).json()).toEqual(first.json());
    const again = await send('POST', '/v1/people', { ...payload, roles: ['admin'] });
    expect([again.statusCode, again.json().code, again.json().id]).toEqual([409, 'PERSON_EXISTS', first.json().id]);
  });

  it('get and lose roles, and with a role the tokens for it', async () => {
    const { id } = (await register('emil', ['agent'])).json();
    const { token } = (await send('POST', `/v1/people/${id}/tokens`, { role: 'agent', label: 'laptop' })).json();
    expect((await desk.as({ id, token }, '/v1/queues')).statusCode).toBe(200);
    const changed = await send('PUT', `/v1/people/${id}/roles`, { roles: ['auditor'] });
    expect(changed.statusCode).toBe(200);
    desk.clock.forward({ seconds: 6 });
    expect((await desk.as({ id, token }, '/v1/queues')).statusCode).toBe(401);
    expect((await send('PUT', `/v1/people/${newId()}/roles`, { roles: ['agent'] })).json().code).toBe('UNKNOWN_PERSON');
  });

  it('are paged in order of name', async () => {
    const all = (await read('/v1/people?limit=200')).items.map(({ name }: { name: string }) => name);
    const names: string[] = [];
    for (let next: string | null = '/v1/people?limit=2'; next !== null; ) {
      const page: { items: { name: string }[]; next: string | null } = await read(next);
      names.push(...page.items.map(({ name }) => name));
      next = page.next;
    }
    expect(names).toEqual(all);
    expect(all.length).toBeGreaterThan(3);
  });
});

describe('tokens', () => {
  it('are shown once, work for their role and can be revoked', async () => {
    const { id } = (await register('frida', ['agent', 'auditor'])).json();
    const made = await send('POST', `/v1/people/${id}/tokens`, { role: 'auditor', label: 'audit 2026' });
    expect(made.statusCode).toBe(201);
    const { token, id: tokenId } = made.json();
    expect((await read('/v1/me', { id, token })).role).toBe('auditor');
    const { items } = await read(`/v1/people/${id}/tokens`);
    expect(items).toMatchObject([{ id: tokenId, role: 'auditor', label: 'audit 2026', revokedAt: null }]);
    expect(JSON.stringify(items)).not.toContain(token);
    expect((await send('DELETE', `/v1/people/${id}/tokens/${tokenId}`)).statusCode).toBe(200);
    expect((await send('DELETE', `/v1/people/${id}/tokens/${tokenId}`)).statusCode).toBe(200);
    desk.clock.forward({ seconds: 6 });
    expect((await desk.as({ id, token }, '/v1/me')).statusCode).toBe(401);
    expect((await send('DELETE', `/v1/people/${id}/tokens/${newId()}`)).statusCode).toBe(404);
  });

  it('are not shown again to a repeated request', async () => {
    const headers = { 'idempotency-key': newId() };
    const issue = () => send('POST', `/v1/people/${agent.id}/tokens`, { role: 'agent', label: 'x' }, headers);
    expect((await issue()).statusCode).toBe(201);
    const again = await issue();
    expect([again.statusCode, again.json().code, again.json().token]).toEqual([409, 'TOKEN_SHOWN_ONCE', undefined]);
  });

  it('are for roles that the person holds', async () => {
    const answer = await send('POST', `/v1/people/${agent.id}/tokens`, { role: 'admin', label: 'x' });
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'ROLE_NOT_HELD']);
  });

  it('leave no trace of themselves in the event feed', async () => {
    const { events } = await read('/v1/events?types=ApiTokenIssued&limit=1000');
    expect(events.length).toBeGreaterThan(2);
    expect(events.every((event: { data: object }) => !('hash' in event.data) && !('token' in event.data))).toBe(true);
  });
});

describe('groups', () => {
  it('take agents in and let them go', async () => {
    const { id } = (await send('POST', '/v1/groups', { name: 'First line' })).json();
    expect((await send('PUT', `/v1/groups/${id}/members/${agent.id}`)).statusCode).toBe(200);
    const groupOf = async () => (await read('/v1/groups')).items.find((group: { id: string }) => group.id === id);
    expect(await groupOf()).toMatchObject({ name: 'First line', members: [{ id: agent.id, name: 'agent' }] });
    expect((await send('DELETE', `/v1/groups/${id}/members/${agent.id}`)).statusCode).toBe(200);
    expect((await groupOf()).members).toEqual([]);
    const stranger = await send('PUT', `/v1/groups/${id}/members/${newId()}`);
    expect([stranger.statusCode, stranger.json().code]).toEqual([422, 'UNKNOWN_AGENT']);
    const nowhere = await send('PUT', `/v1/groups/${newId()}/members/${agent.id}`);
    expect([nowhere.statusCode, nowhere.json().code]).toEqual([422, 'UNKNOWN_GROUP']);
  });
});

describe('settings', () => {
  const url = '/v1/settings/calendar/office';

  it('keep every revision with who saved it', async () => {
    const save = (name: string) => send('PUT', url, calendarOf({ name }));
    expect((await save('Office')).json().version).toBe(1);
    expect((await save('Head office')).json().version).toBe(2);
    expect((await save('Head office')).json().version).toBe(2);
    expect(await read(url)).toMatchObject({ revision: 2, removed: false, value: { name: 'Head office' } });
    const { items } = await read(`${url}/revisions`);
    expect(items).toMatchObject([
      { revision: 1, value: { name: 'Office' }, by: { id: admin.id, name: 'admin' } },
      { revision: 2, value: { name: 'Head office' } },
    ]);
    expect((await read('/v1/settings?kind=calendar', agent)).items).toHaveLength(1);
  });

  it('are refused with a pointer into the body as it was sent', async () => {
    const wrong = await send('PUT', url, { ...calendarOf(), timeZone: 'Mars/Olympus' });
    expect([wrong.statusCode, wrong.json().code]).toEqual([422, 'SETTING_INVALID']);
    expect(wrong.json().errors[0].pointer).toBe('/timeZone');
    const unknown = await send('PUT', url, { ...calendarOf(), hours: 1 });
    expect(unknown.json().errors[0].pointer).toBe('/hours');
    const kind = await send('PUT', '/v1/settings/colour/red', {});
    expect([kind.statusCode, kind.json().errors[0].pointer]).toEqual([400, 'kind']);
  });

  it('can be removed, unless another one needs them', async () => {
    const saved = await send('PUT', '/v1/settings/calendar/spare', calendarOf());
    await desk.platform.settings.reached(BigInt(saved.json().position), 5_000);
    const policy = await send(
      'PUT',
      '/v1/settings/sla-policy/standard',
      savedPolicy('standard', { calendarId: 'spare' }).value,
    );
    await desk.platform.settings.reached(BigInt(policy.json().position), 5_000);
    const used = await send('DELETE', '/v1/settings/calendar/spare');
    expect([used.statusCode, used.json().code]).toEqual([409, 'SETTING_IN_USE']);
    expect((await send('DELETE', '/v1/settings/sla-policy/standard')).statusCode).toBe(200);
    expect((await read('/v1/settings/sla-policy/standard')).removed).toBe(true);
    expect((await read('/v1/settings?kind=sla-policy')).items).toEqual([]);
    expect((await desk.as(admin, '/v1/settings/mailbox/none')).statusCode).toBe(404);
  });
});

describe('administration', () => {
  it.each([
    ['POST', '/v1/people', { name: 'x', emails: [], roles: ['agent'] }],
    ['PUT', `/v1/people/${newId()}/roles`, { roles: ['agent'] }],
    ['POST', `/v1/people/${newId()}/tokens`, { role: 'agent', label: 'x' }],
    ['DELETE', `/v1/people/${newId()}/tokens/${newId()}`, undefined],
    ['POST', '/v1/groups', { name: 'x' }],
    ['PUT', `/v1/groups/${newId()}/members/${newId()}`, undefined],
    ['PUT', '/v1/settings/mailbox/support', {}],
    ['DELETE', '/v1/settings/mailbox/support', undefined],
  ] as const)('%s %s is not for agents', async (method, url, payload) => {
    expect((await send(method, url, payload, {}, agent)).statusCode).toBe(403);
  });

  it.each([
    ['/v1/people', { name: 'x', emails: ['no address'], roles: ['agent'] }, '/emails/0'],
    ['/v1/people', { name: 'x', emails: [], roles: ['king'] }, '/roles/0'],
    ['/v1/people', { name: 'x', emails: [], roles: ['agent'], admin: true }, '/admin'],
    [`/v1/people/${newId()}/tokens`, { role: 'agent', label: 'x', expiresAt: 'soon' }, '/expiresAt'],
    ['/v1/groups', { name: '' }, '/name'],
  ])('POST %s refuses what does not fit (%#)', async (url, payload, pointer) => {
    const answer = await send('POST', url, payload);
    expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, pointer]);
  });
});
