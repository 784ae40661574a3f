import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let anna: Person;
let bert: Person;
let own: string;
let foreign: string;

const open = async (person: Person, changes: object = {}) =>
  desk.as(person, { method: 'POST', url: '/v1/tickets', payload: { subject: 'Printer', text: 'On fire', ...changes } });

const comment = (person: Person, id: string, changes: object = {}) =>
  desk.as(person, {
    method: 'POST',
    url: `/v1/tickets/${id}/comments`,
    payload: { visibility: 'public', text: 'Any news?', ...changes },
    headers: { 'if-match': '*' },
  });

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  anna = await desk.person('customer', 'anna');
  bert = await desk.person('customer', 'bert');
  own = (await open(anna)).json().id;
  foreign = (await open(bert, { subject: 'Secret' })).json().id;
  await comment(agent, own, { text: 'We are coming' });
  await comment(agent, own, { text: 'Looks like arson', visibility: 'internal' });
});
afterAll(() => desk?.stop());

describe('a customer', () => {
  it('sees their own tickets only, whatever they filter by', async () => {
    for (const query of ['', '?agent=none', '?q=Secret', `?requester=${bert.id}`]) {
      const { items } = (await desk.as(anna, `/v1/tickets${query}`)).json();
      expect(items.every(({ id }: { id: string }) => id === own)).toBe(true);
    }
    expect((await desk.as(anna, '/v1/tickets')).json().items).toHaveLength(1);
  });

  it('cannot go on from the page of somebody else', async () => {
    await open(anna);
    const { next } = (await desk.as(anna, '/v1/tickets?limit=1')).json();
    expect((await desk.as(bert, next)).json().code).toBe('INVALID_CURSOR');
  });

  it('cannot tell a ticket of others from none', async () => {
    for (const path of ['', '/timeline', '?asOf=1', `/attachments/${'0'.repeat(64)}`]) {
      const answer = await desk.as(anna, `/v1/tickets/${foreign}${path}`);
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'TICKET_NOT_FOUND']);
    }
    expect((await comment(anna, foreign)).json().code).toBe('TICKET_NOT_FOUND');
    expect((await open(anna, { followUpOf: foreign })).json().code).toBe('TICKET_NOT_FOUND');
  });

  it('sees neither notes nor what the desk keeps to itself', async () => {
    const answer = await desk.as(anna, `/v1/tickets/${own}`);
    expect(answer.body).toContain('We are coming');
    expect(answer.body).not.toContain('arson');
    expect(answer.json()).toMatchObject({ group: null, due: null, breached: [] });
    const then = await desk.as(anna, `/v1/tickets/${own}?asOf=${encodeURIComponent(desk.clock.now().toString())}`);
    expect(then.body).toContain('We are coming');
    expect(then.body).not.toContain('arson');
    const page = await desk.as(anna, `/tickets/${own}`);
    expect(page.body).toContain('We are coming');
    expect(page.body).not.toContain('arson');
  });

  it('comments in public on their own tickets, as a customer', async () => {
    expect((await comment(anna, own)).statusCode).toBe(201);
    const ticket = (await desk.as(agent, `/v1/tickets/${own}`)).json();
    expect(ticket.timeline.items.at(-1)).toMatchObject({
      author: { id: anna.id, role: 'customer' },
      visibility: 'public',
    });
    const note = await comment(anna, own, { visibility: 'internal' });
    expect([note.statusCode, note.json().errors[0].pointer]).toEqual([403, '/visibility']);
    const status = await comment(anna, own, { status: 'closed' });
    expect([status.statusCode, status.json().errors[0].pointer]).toEqual([403, '/status']);
  });

  it.each([
    ['requester', { email: 'x@y.example' }],
    ['priority', 'urgent'],
    ['mailboxId', 'support'],
    ['channel', 'phone'],
  ])('leaves %s to the desk', async (field, value) => {
    const answer = await open(anna, { [field]: value });
    expect([answer.statusCode, answer.json().code, answer.json().errors[0].pointer]).toEqual([
      403,
      'FORBIDDEN',
      `/${field}`,
    ]);
  });

  it.each([
    ['GET', '/v1/queues'],
    ['GET', '/v1/reports/kpi'],
    ['GET', '/v1/reports/kpi/tickets?metric=created'],
    ['GET', '/v1/events'],
    ['GET', '/events'],
    ['GET', '/v1/outbox'],
    ['GET', '/v1/inbox'],
    ['GET', '/v1/people'],
    ['GET', '/v1/companies'],
    ['GET', '/v1/groups'],
    ['GET', '/v1/settings'],
    ['GET', '/v1/tickets/1001/history'],
    ['GET', '/v1/tickets/1001/sla'],
    ['GET', '/queues'],
    ['GET', '/tickets/1001/replay'],
    ['GET', '/outbox'],
    ['GET', '/kpi'],
    ['POST', '/v1/people'],
    ['POST', '/v1/groups'],
    ['PUT', '/v1/tickets/1001/status'],
    ['PUT', '/v1/settings/mailbox/support'],
  ] as const)('may not %s %s', async (method, url) => {
    const answer = await desk.as(anna, { method, url, ...(method !== 'GET' && { payload: {} }) });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'FORBIDDEN']);
  });

  it('hears that a ticket has changed, not what the desk did to it', async () => {
    const answer = await desk.as(anna, {
      method: 'POST',
      url: `/v1/tickets/${own}/comments`,
      payload: { visibility: 'public', text: 'Any news?' },
      headers: { 'if-match': '"1"' },
    });
    expect(answer.json()).toMatchObject({ status: 412, code: 'VERSION_CONFLICT', expected: 1 });
    expect(answer.json()).not.toHaveProperty('events');
  });

  it('knows who they are', async () => {
    expect((await desk.as(anna, '/v1/me')).json()).toMatchObject({ id: anna.id, name: 'anna', role: 'customer' });
  });
});
