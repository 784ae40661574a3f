import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let admin: Person;
let agent: Person;
let customer: Person;

const save = async (kind: string, id: string, payload: object) =>
  desk.as(admin, { method: 'PUT', url: `/v1/settings/${kind}/${id}`, payload });

beforeAll(async () => {
  desk = await startTestDesk();
  admin = await desk.person('admin');
  agent = await desk.person('agent');
  customer = await desk.person('customer');
  const status = { name: 'With our lazy vendor', category: 'on-hold', order: 1, publicName: 'Parts ordered' };
  expect((await save('status', 'vendor', status)).statusCode).toBe(200);
  expect((await save('status', 'asked', { name: 'Asked back', category: 'pending', order: 2 })).statusCode).toBe(200);
  const policy = { name: 'All', order: 1, match: {}, reopenDays: 14, autoCloseDays: 7, pendingResolveDays: 10 };
  expect((await save('lifecycle-policy', 'all', policy)).statusCode).toBe(200);
});
afterAll(() => desk.stop());

async function newTicket(): Promise<string> {
  const payload = { subject: 'Door', text: 'stuck' };
  return (await desk.as(customer, { method: 'POST', url: '/v1/tickets', payload })).json().id;
}
const put = (id: string, payload: object) =>
  desk.as(agent, { method: 'PUT', url: `/v1/tickets/${id}/status`, headers: { 'if-match': '*' }, payload });
const say = (who: Person, id: string, payload: object = {}) =>
  desk.as(who, {
    method: 'POST',
    url: `/v1/tickets/${id}/comments`,
    headers: { 'if-match': '*' },
    payload: { visibility: 'public', text: 'hello', ...payload },
  });

it('shows a custom status with its return to agents, and only the public name to the customer', async () => {
  const id = await newTicket();
  const resumeAt = desk.clock.now().add({ hours: 48 }).toString({ smallestUnit: 'millisecond' });
  expect((await put(id, { status: 'vendor', resumeAt })).statusCode).toBe(200);
  const seen = (await desk.as(agent, `/v1/tickets/${id}`)).json();
  const custom = { id: 'vendor', name: 'With our lazy vendor' };
  expect(seen).toMatchObject({ status: 'on-hold', customStatus: custom, resumeAt, customerSilent: null });
  expect(seen.timeline.items.at(-1).detail).toMatchObject({ statusId: 'vendor', name: custom.name, resumeAt });

  const told = await desk.as(customer, `/v1/tickets/${id}`);
  expect(told.body).not.toContain('lazy');
  expect(told.json()).toMatchObject({ customStatus: { name: 'Parts ordered' }, resumeAt: null });
  const change = { from: 'new', to: 'on-hold', reason: 'manual', name: 'Parts ordered' };
  expect(told.json().timeline.items.at(-1).detail).toEqual(change);

  for (const status of ['vendor', 'on-hold']) {
    const list = (await desk.as(agent, `/v1/tickets?status=${status}`)).json();
    expect(list.items.map((each: { id: string }) => each.id)).toContain(id);
  }
  expect((await desk.as(agent, '/v1/tickets?status=asked')).json().items).toEqual([]);
  expect((await desk.as(customer, '/v1/tickets?status=asked')).json()).toMatchObject({ code: 'INVALID_REQUEST' });
});

it('a renamed status is called by its new name now and by its old one in the past; a removed one can be left', async () => {
  const id = await newTicket();
  const before = { name: 'Lab', category: 'open', order: 3 };
  await save('status', 'lab', before);
  const entered = (await put(id, { status: 'lab' })).json();
  await save('status', 'lab', { ...before, name: 'Workshop' });
  const now = (await desk.as(agent, `/v1/tickets/${id}`)).json();
  expect(now.customStatus.name).toBe('Workshop');
  expect(now.timeline.items.at(-1).detail.name).toBe('Lab');
  const then = (await desk.as(agent, `/v1/tickets/${id}?asOf=${entered.position}`)).json();
  expect(then.customStatus.name).toBe('Lab');
  expect((await desk.as(admin, { method: 'DELETE', url: '/v1/settings/status/lab' })).statusCode).toBe(200);
  expect((await desk.as(agent, `/v1/tickets/${id}`)).json().customStatus.name).toBe('Lab');
  expect((await put(await newTicket(), { status: 'lab' })).json()).toMatchObject({ code: 'UNKNOWN_STATUS' });
  expect((await put(id, { status: 'open' })).statusCode).toBe(200);
});

it('refuses what cannot be, and says what can', async () => {
  const id = await newTicket();
  await put(id, { status: 'closed' });
  expect((await put(id, { status: 'vendor' })).json()).toMatchObject({
    code: 'ILLEGAL_TRANSITION',
    allowed: ['open'],
  });
  const other = await newTicket();
  expect((await put(other, { status: 'open', resumeAt: '2030-01-01T00:00:00Z' })).json()).toMatchObject({
    code: 'POSTPONEMENT_INVALID',
    errors: [{ pointer: '/resumeAt' }],
  });
  const bySelf = await say(customer, other, { resumeAt: '2026-03-10T00:00:00Z' });
  expect(bySelf.json()).toMatchObject({ code: 'FORBIDDEN' });
});

it('lists tickets whose customers are silent, the longest first', async () => {
  const first = await newTicket();
  await put(first, { status: 'asked' });
  desk.clock.forward({ hours: 1 });
  const second = await newTicket();
  await say(agent, second, { status: 'pending' });
  const { items } = (await desk.as(agent, '/v1/queues/silent')).json();
  expect(items.map((each: { id: string }) => each.id)).toEqual([first, second]);
  expect(items[0].customerSilent).toMatchObject({ reminders: 0, resolvesAt: expect.any(String) });
  expect((await desk.as(customer, '/v1/queues/silent')).statusCode).toBe(403);
});

it('a customer reopens in time; too late they are told how to go on', async () => {
  const id = await newTicket();
  await put(id, { status: 'closed' });
  desk.clock.forward({ hours: 13 * 24 });
  expect((await say(customer, id)).statusCode).toBe(201);
  expect((await desk.as(customer, `/v1/tickets/${id}`)).json().status).toBe('open');
  await put(id, { status: 'closed' });
  desk.clock.forward({ hours: 14 * 24 });
  const late = await say(customer, id);
  expect(late.json()).toMatchObject({ code: 'TICKET_CLOSED', status: 409 });
  const { href, body } = late.json().followUp;
  const payload = { subject: 'Door again', text: 'stuck', ...body };
  const opened = await desk.as(customer, { method: 'POST', url: href, payload });
  expect((await desk.as(agent, `/v1/tickets/${opened.json().id}`)).json().followUpOf).toBe(id);
});

it('a ticket and its follow-up lead to each other, for agents, now and as of a moment', async () => {
  const id = await newTicket();
  const payload = { subject: 'Door once more', text: 'stuck', followUpOf: id };
  const opened = await desk.as(customer, { method: 'POST', url: '/v1/tickets', payload });
  const { id: followUp, position } = opened.json();
  const relations = async (of: string, who = agent, query = '') =>
    (await desk.as(who, `/v1/tickets/${of}${query}`)).json().relations;
  const names = (list: { id: string }[]) => list.map((each) => each.id);
  expect((await relations(followUp)).followUpOf).toMatchObject({ id, subject: 'Door' });
  expect((await relations(followUp, agent, `?asOf=${position}`)).followUpOf).toMatchObject({ id });
  expect(names((await relations(id)).followUps)).toEqual([followUp]);
  expect(names((await relations(id, agent, `?asOf=${position}`)).followUps)).toEqual([followUp]);
  expect(names((await relations(id, agent, `?asOf=${Number(position) - 1}`)).followUps)).toEqual([]);
  expect(await relations(id, customer)).toMatchObject({ followUps: [], followUpOf: null });
  await desk.as(agent, {
    method: 'PUT',
    url: `/v1/tickets/${followUp}/spam`,
    headers: { 'if-match': '*' },
    payload: {},
  });
  expect((await relations(id)).followUps).toEqual([]);
});
