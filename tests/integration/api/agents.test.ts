import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { type Person, startTestDesk, type TestDesk, testContext } from '#tests/support/desk.ts';
import { calendarOf } from '#tests/support/settings.ts';

/** How agents work, over HTTP: skills, hours, capacity and absences. It is Monday, 9 o'clock UTC. */

let desk: TestDesk;
let supervisor: Person;
let ada: Person;
let bo: Person;
let anna: Person;

const send = (
  who: Person,
  method: 'POST' | 'PUT' | 'DELETE',
  url: string,
  payload?: object,
  headers: object = { 'if-match': '*' },
) => desk.as(who, { method, url, headers: { ...headers }, ...(payload && { payload }) });
const agentOf = async (id: string) => (await desk.as(supervisor, `/v1/agents/${id}`)).json();
const plan = (who: Person, from: string, to: string, more: object = {}, of = who) =>
  send(who, 'POST', `/v1/agents/${of.id}/absences`, { from, to, ...more });

beforeAll(async () => {
  desk = await startTestDesk();
  const admin = await desk.person('admin');
  supervisor = await desk.person('supervisor');
  ada = await desk.person('agent', 'ada');
  bo = await desk.person('agent', 'bo');
  anna = await desk.person('customer', 'anna');
  const saved = await send(admin, 'PUT', '/v1/settings/calendar/office', calendarOf());
  await desk.platform.settings.reached(BigInt(saved.json().position), 5_000);
});
afterAll(() => desk?.stop());

describe('a profile', () => {
  it('is changed by supervisors on the version they saw, and shown', async () => {
    const url = `/v1/agents/${ada.id}`;
    const seen = await desk.as(supervisor, url);
    expect(seen.json()).toMatchObject({ skills: [], workingHours: null, maxOpenTickets: null, available: true });
    const headers = { 'if-match': seen.headers['etag'] };
    const changed = await send(supervisor, 'PUT', `${url}/skills`, { skills: ['vpn', 'german'] }, headers);
    expect(changed.statusCode).toBe(200);
    const stale = await send(supervisor, 'PUT', `${url}/capacity`, { maxOpenTickets: 3 }, headers);
    expect([stale.statusCode, stale.json().code]).toEqual([412, 'VERSION_CONFLICT']);
    const now = { 'if-match': changed.headers['etag'] };
    const put = await send(supervisor, 'PUT', `${url}/capacity`, { maxOpenTickets: 3 }, now);
    expect(put.statusCode).toBe(200);
    expect((await send(supervisor, 'PUT', `${url}/working-hours`, { calendarId: 'office' })).statusCode).toBe(200);
    expect(await agentOf(ada.id)).toMatchObject({
      name: 'ada',
      skills: ['german', 'vpn'],
      workingHours: { calendarId: 'office', name: 'Office' },
      maxOpenTickets: 3,
      openTickets: 0,
      unavailable: null,
    });
    expect((await desk.as(ada, '/v1/agents?skill=vpn')).json().items).toMatchObject([{ id: ada.id }]);
  });

  it('does not go stale by what else happens to the person', async () => {
    const { headers } = await desk.as(supervisor, `/v1/agents/${bo.id}`);
    const { directory } = desk.platform.commands;
    await directory.issueToken({ personId: bo.id, role: 'agent', label: 'x', expiresAt: null }, testContext());
    const match = { 'if-match': headers['etag'] };
    const changed = await send(supervisor, 'PUT', `/v1/agents/${bo.id}/skills`, { skills: ['mac'] }, match);
    expect(changed.statusCode).toBe(200);
  });

  it.each([
    ['/skills', { skills: Array.from({ length: 1_000 }, (_, n) => `skill-${n}`) }, 400, 'INVALID_REQUEST', '/skills'],
    ['/skills', { skills: ['Not a slug'] }, 400, 'INVALID_REQUEST', '/skills/0'],
    ['/working-hours', { calendarId: 'nowhere' }, 422, 'UNKNOWN_CALENDAR', '/calendarId'],
    ['/capacity', { maxOpenTickets: -1 }, 400, 'INVALID_REQUEST', '/maxOpenTickets'],
    ['/capacity', { maxOpenTickets: 1, boost: true }, 400, 'INVALID_REQUEST', '/boost'],
  ] as const)('%s refuses what does not fit (%#)', async (path, payload, status, code, pointer) => {
    const answer = await send(supervisor, 'PUT', `/v1/agents/${ada.id}${path}`, payload);
    expect([answer.statusCode, answer.json().code, answer.json().errors[0].pointer]).toEqual([status, code, pointer]);
  });

  it('belongs to people who work on tickets, and is not for all to change', async () => {
    for (const id of [anna.id, newId()]) {
      const answer = await send(supervisor, 'PUT', `/v1/agents/${id}/capacity`, { maxOpenTickets: 1 });
      expect([answer.statusCode, answer.json().code]).toEqual([422, 'UNKNOWN_AGENT']);
      expect((await desk.as(supervisor, `/v1/agents/${id}`)).statusCode).toBe(404);
    }
    const own = await send(ada, 'PUT', `/v1/agents/${ada.id}/capacity`, { maxOpenTickets: 1 });
    expect(own.statusCode).toBe(403);
    expect((await desk.as(anna, '/v1/agents')).statusCode).toBe(403);
    const blind = await send(supervisor, 'PUT', `/v1/agents/${ada.id}/capacity`, { maxOpenTickets: 1 }, {});
    expect([blind.statusCode, blind.json().code]).toEqual([428, 'PRECONDITION_REQUIRED']);
  });

  it('is listed page by page in order of name', async () => {
    const names: string[] = [];
    for (let next: string | null = '/v1/agents?limit=2'; next !== null; ) {
      const page: { items: { name: string }[]; next: string | null } = (await desk.as(ada, next)).json();
      names.push(...page.items.map(({ name }) => name));
      next = page.next;
    }
    expect(names).toEqual(['ada', 'admin', 'bo', 'supervisor']);
  });
});

describe('absences', () => {
  it('are planned by agents for themselves, with a deputy, and cancelled', async () => {
    const planned = await plan(bo, '2026-03-02T08:00:00+00:00', '2026-03-04T08:00:00Z', {
      reason: 'ill',
      deputyId: ada.id,
    });
    expect(planned.statusCode).toBe(201);
    expect(await agentOf(bo.id)).toMatchObject({
      available: false,
      unavailable: { reason: 'absent', until: '2026-03-04T08:00:00.000Z' },
      absences: [
        {
          id: planned.json().id,
          from: '2026-03-02T08:00:00.000Z',
          reason: 'ill',
          deputy: { id: ada.id, name: 'ada' },
        },
      ],
    });
    const seenBy = async (who: Person) => {
      const { absences } = (await desk.as(who, `/v1/agents/${bo.id}`)).json();
      const { items } = (await desk.as(who, `/v1/people/${bo.id}/history`)).json();
      const event = items.find(({ type }: { type: string }) => type === 'AgentAbsencePlanned');
      return [absences[0].reason, event.data.reason];
    };
    expect([await seenBy(ada), await seenBy(bo), await seenBy(supervisor)]).toEqual([
      ['', ''],
      ['ill', 'ill'],
      ['ill', 'ill'],
    ]);
    const url = `/v1/agents/${bo.id}/absences/${planned.json().id}`;
    expect((await send(ada, 'DELETE', url)).statusCode).toBe(403);
    expect((await send(bo, 'DELETE', url)).statusCode).toBe(200);
    expect(await agentOf(bo.id)).toMatchObject({ available: true, absences: [] });
    const again = await send(bo, 'DELETE', url);
    expect([again.statusCode, again.json().code]).toEqual([404, 'ABSENCE_NOT_FOUND']);
  });

  it('are planned once by the same request', async () => {
    const headers = { 'if-match': '*', 'idempotency-key': newId() };
    const payload = { from: '2026-05-01T00:00:00Z', to: '2026-05-02T00:00:00Z' };
    const ask = () => send(supervisor, 'POST', `/v1/agents/${ada.id}/absences`, payload, headers);
    const [first, second] = [await ask(), await ask()];
    expect(second.json()).toEqual(first.json());
    expect((await agentOf(ada.id)).absences).toHaveLength(1);
  });

  it.each([
    { from: '2026-03-05T00:00:00Z', to: '2026-03-04T00:00:00Z', code: 'ABSENCE_INVALID', pointer: '/to' },
    { from: '2026-02-05T00:00:00Z', to: '2026-02-06T00:00:00Z', code: 'ABSENCE_INVALID', pointer: '/to' },
    { from: '2026-05-01T12:00:00Z', to: '2026-05-09T00:00:00Z', code: 'ABSENCE_INVALID', pointer: '/from' },
    { from: '2026-02-30T00:00:00Z', to: '2026-03-30T00:00:00Z', code: 'INVALID_REQUEST', pointer: '/from' },
    { from: '2026-03-05T00:00:00Z', to: '9999-12-31T23:59:59-12:00', code: 'INVALID_REQUEST', pointer: '/to' },
    { from: '0000-01-01T00:00:00+12:00', to: '2026-03-05T00:00:00Z', code: 'INVALID_REQUEST', pointer: '/from' },
    { from: '2026-03-05T00:00:00Z', to: 'friday', code: 'INVALID_REQUEST', pointer: '/to' },
  ])('refuse $from to $to', async ({ code, pointer, ...period }) => {
    const answer = await plan(ada, period.from, period.to);
    expect([answer.json().code, answer.json().errors[0].pointer]).toEqual([code, pointer]);
  });

  it('have a deputy who is another agent', async () => {
    const period = ['2026-06-01T00:00:00Z', '2026-06-02T00:00:00Z'] as const;
    const own = (await plan(ada, ...period, { deputyId: ada.id })).json();
    expect([own.code, own.errors[0].pointer]).toEqual(['ABSENCE_INVALID', '/deputyId']);
    const customer = (await plan(ada, ...period, { deputyId: anna.id })).json();
    expect([customer.code, customer.errors[0].pointer]).toEqual(['UNKNOWN_AGENT', '/deputyId']);
    expect((await plan(ada, ...period, {}, bo)).json().code).toBe('FORBIDDEN');
  });
});

describe('availability', () => {
  it('ends with the working hours and with the last ticket that fits; people may still assign', async () => {
    const opened = await desk.as(anna, {
      method: 'POST',
      url: '/v1/tickets',
      payload: { subject: 'Help', text: 'Me' },
    });
    const { id } = opened.json();
    expect((await send(supervisor, 'PUT', `/v1/agents/${ada.id}/capacity`, { maxOpenTickets: 0 })).statusCode).toBe(
      200,
    );
    const assigned = await send(supervisor, 'PUT', `/v1/tickets/${id}/assignment`, { groupId: null, agentId: ada.id });
    expect(assigned.statusCode).toBe(200);
    expect((await desk.as(ada, `/v1/tickets/${id}`)).json().agent).toEqual({ id: ada.id, name: 'ada' });
    expect(await agentOf(ada.id)).toMatchObject({
      openTickets: 1,
      unavailable: { reason: 'at capacity', until: null },
    });
    desk.clock.forward({ hours: 9 });
    expect((await agentOf(ada.id)).unavailable).toEqual({
      reason: 'outside hours',
      until: '2026-03-03T09:00:00.000Z',
    });
  });
});

describe('the queue of the absent', () => {
  it('has their open tickets, for their deputies too', async () => {
    const take = async (subject: string, agentId: string) => {
      desk.clock.forward({ minutes: 1 });
      const opened = await desk.as(anna, { method: 'POST', url: '/v1/tickets', payload: { subject, text: 'Help' } });
      await send(supervisor, 'PUT', `/v1/tickets/${opened.json().id}/assignment`, { groupId: null, agentId });
      return opened.json().id;
    };
    const [first, second] = [await take('One', bo.id), await take('Two', bo.id)];
    const done = await take('Three', bo.id);
    await send(supervisor, 'PUT', `/v1/tickets/${done}/status`, { status: 'resolved' });
    const queue = async (who: Person, query = '') => (await desk.as(who, `/v1/queues/absent${query}`)).json();
    expect((await queue(supervisor)).items).toEqual([]);
    const from = desk.clock.now().toString();
    const to = desk.clock.now().add({ hours: 1 }).toString();
    expect((await plan(bo, from, to, { deputyId: ada.id })).statusCode).toBe(201);
    const hand = async (agentId: string | null) =>
      (await send(supervisor, 'PUT', `/v1/tickets/${done}/assignment`, { groupId: null, agentId })).json().warnings;
    expect(await hand(ada.id)).toEqual([
      { reason: 'outside hours', until: '2026-03-03T09:00:00.000Z', deputyId: null },
    ]);
    expect(await hand(bo.id)).toMatchObject([{ reason: 'absent', deputyId: ada.id }]);
    expect(await hand(null)).toEqual([]);
    const page = await queue(ada, '?deputy=me&limit=1');
    expect(page.items).toMatchObject([{ id: first, agent: { name: 'bo' } }]);
    expect((await desk.as(ada, page.next)).json()).toMatchObject({ items: [{ id: second }], next: null });
    expect((await queue(supervisor)).items).toHaveLength(2);
    expect((await queue(supervisor, '?deputy=me')).items).toEqual([]);
    expect((await desk.as(supervisor, page.next)).json().code).toBe('INVALID_CURSOR');
    expect((await desk.as(anna, '/v1/queues/absent')).statusCode).toBe(403);
    desk.clock.forward({ hours: 1 });
    expect((await queue(supervisor)).items).toEqual([]);
  });
});
