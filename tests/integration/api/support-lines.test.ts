import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

/** Groups, the support lines they stand in, and handing tickets over upward. */

let desk: TestDesk;
let admin: Person;
let ada: Person;
let anna: Person;
let first: string;
let second: string;

const send = (who: Person, method: 'POST' | 'PUT' | 'DELETE', url: string, payload?: object, version = '*') =>
  desk.as(who, {
    method,
    url,
    headers: { 'if-match': version === '*' ? '*' : `"${version}"` },
    ...(payload && { payload }),
  });
const groupOf = async (id: string) =>
  (await desk.as(ada, '/v1/groups')).json().items.find((group: { id: string }) => group.id === id);
const line = (id: string, escalatesTo: string | null, number: number | null = 1) =>
  send(admin, 'PUT', `/v1/groups/${id}/line`, { line: number, escalatesTo });
const ticketOf = async (id: string) => (await desk.as(ada, `/v1/tickets/${id}`)).json();

async function ticketIn(groupId: string | null, agentId: string | null = null): Promise<string> {
  const payload = { subject: 'No network', text: 'Help' };
  const { id } = (await desk.as(anna, { method: 'POST', url: '/v1/tickets', payload })).json();
  if (groupId !== null) await send(ada, 'PUT', `/v1/tickets/${id}/assignment`, { groupId, agentId });
  return id;
}

beforeAll(async () => {
  desk = await startTestDesk();
  admin = await desk.person('admin');
  ada = await desk.person('agent', 'ada');
  anna = await desk.person('customer', 'anna');
  const register = async (name: string) => (await send(admin, 'POST', '/v1/groups', { name })).json().id;
  [first, second] = [await register('Support'), await register('Network')];
  await send(admin, 'PUT', `/v1/groups/${first}/members/${ada.id}`);
});
afterAll(() => desk?.stop());

describe('a group', () => {
  it('is renamed and given a line on the version that was seen', async () => {
    const { version } = await groupOf(first);
    const url = `/v1/groups/${first}`;
    const renamed = await send(admin, 'PUT', `${url}/name`, { name: 'First line' }, String(version));
    expect(renamed.statusCode).toBe(200);
    const stale = await send(admin, 'PUT', `${url}/line`, { line: 1, escalatesTo: second }, String(version));
    expect([stale.statusCode, stale.json().code]).toEqual([412, 'VERSION_CONFLICT']);
    expect((await line(first, second)).statusCode).toBe(200);
    expect(await groupOf(first)).toMatchObject({
      name: 'First line',
      line: 1,
      escalatesTo: { id: second, name: 'Network' },
      version: version + 2,
    });
  });

  it('hands over to no stranger and in no circle', async () => {
    const circle = await line(second, first, 2);
    expect([circle.statusCode, circle.json().code]).toEqual([409, 'ESCALATION_CYCLE']);
    expect(circle.json().errors[0].pointer).toBe('/escalatesTo');
    expect((await line(second, second, 2)).json().code).toBe('ESCALATION_CYCLE');
    const nowhere = await line(second, newId(), 2);
    expect([nowhere.statusCode, nowhere.json().code]).toEqual([422, 'UNKNOWN_GROUP']);
    expect((await line(newId(), null)).json().code).toBe('UNKNOWN_GROUP');
    expect((await line(second, null, 4)).json()).toMatchObject({
      code: 'INVALID_REQUEST',
      errors: [{ pointer: '/line' }],
    });
    const forbidden = await send(ada, 'PUT', `/v1/groups/${second}/line`, { line: 2, escalatesTo: null });
    expect(forbidden.statusCode).toBe(403);
  });

  it('takes agents only', async () => {
    const answer = await send(admin, 'PUT', `/v1/groups/${first}/members/${anna.id}`);
    expect([answer.statusCode, answer.json().code]).toEqual([422, 'UNKNOWN_AGENT']);
  });
});

describe('an escalation', () => {
  const escalate = (id: string, payload: object, who = ada) =>
    send(who, 'POST', `/v1/tickets/${id}/escalation`, payload);

  it('hands the ticket to the group above with the reason, waiting there unassigned', async () => {
    const id = await ticketIn(first, ada.id);
    const done = await escalate(id, { reason: 'Needs the firewall', note: 'Port 443 is closed.' });
    const ticket = await ticketOf(id);
    expect(ticket).toMatchObject({ group: { name: 'Network' }, agent: null, version: done.json().version });
    const entries = ticket.timeline.items.slice(-2);
    expect(entries).toMatchObject([
      {
        kind: 'assignment',
        detail: { reason: { kind: 'escalation', fromGroupId: first, explanation: 'Needs the firewall' } },
      },
      { kind: 'comment', visibility: 'internal', text: 'Port 443 is closed.', author: { id: ada.id } },
    ]);
    const { queues } = (await desk.as(ada, '/v1/queues')).json();
    const queue = queues.find(({ group }: { group: { id: string } | null }) => group?.id === second);
    expect(queue.counts).toMatchObject({ total: 1, unassigned: 1 });
    expect((await desk.as(ada, `/v1/tickets?group=${second}&agent=none`)).json().items).toMatchObject([{ id }]);
    const page = await desk.as(ada, `/tickets/${ticket.number}`);
    expect(page.body).toContain('handed over to the line above: Needs the firewall');
  });

  it('is undone like any assignment, and its note stays', async () => {
    const id = await ticketIn(first, ada.id);
    await escalate(id, { reason: 'Too hard', note: 'Sorry.' });
    const { items } = (await desk.as(ada, `/v1/tickets/${id}/history`)).json();
    const eventId = items.findLast(({ type }: { type: string }) => type === 'TicketAssigned').id;
    expect((await send(ada, 'POST', `/v1/tickets/${id}/undo`, { eventId })).statusCode).toBe(200);
    const ticket = await ticketOf(id);
    expect(ticket).toMatchObject({ group: { id: first }, agent: { id: ada.id }, commentCount: 1 });
  });

  it('is refused where there is no line above, for bad bodies and for customers', async () => {
    const id = await ticketIn(second);
    const top = await escalate(id, { reason: 'Too hard', note: 'Not kept.' });
    expect([top.statusCode, top.json().code]).toEqual([409, 'NO_LINE_ABOVE']);
    expect((await ticketOf(id)).commentCount).toBe(0);
    expect((await escalate(await ticketIn(null), { reason: 'Too hard' })).json().code).toBe('NO_LINE_ABOVE');
    for (const body of [{}, { reason: ' ' }, { reason: 'x', to: first }, { reason: 'x', note: '' }])
      expect((await escalate(id, body)).json().code).toBe('INVALID_REQUEST');
    expect((await escalate(id, { reason: 'x' }, anna)).statusCode).toBe(403);
  });
});
