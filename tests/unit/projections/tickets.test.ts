import { expect, test } from 'vitest';
import { ticketEvents } from '#contracts/events/ticket.ts';
import type { TicketCommand } from '#packages/domain/ticket/commands.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import { ticketList } from '#projections/tickets.ts';
import { savedCalendar, savedPolicy, settingsOf } from '#tests/support/settings.ts';
import { createStory } from '#tests/support/story.ts';
import { agentId, agentSays, automaticMessage, customerId, customerSays } from '#tests/support/tickets.ts';

const groupId = '0197c0de-0000-7000-8000-000000000001';
const settings = settingsOf(savedCalendar(), savedPolicy());

/** The row of a ticket created on Monday at 10:00 after these commands, given by their time of that day. */
function ticketAfter(commands: Record<string, TicketCommand> = {}, { timed = false } = {}) {
  const story = createStory(timed ? { settings } : {});
  const id = story.ticket();
  for (const [time, command] of Object.entries(commands)) story.play(id, command, { at: `2026-03-02T${time}:00Z` });
  const [row] = foldAlone(ticketList, story.log).tickets;
  return row!;
}
const at = (time: string) => new Date(`2026-03-02T${time}:00Z`);
const status = (to: 'open' | 'pending' | 'resolved' | 'closed'): TicketCommand => ({
  type: 'ChangeStatus',
  data: { to },
});
const assign: TicketCommand = { type: 'AssignTicket', data: { groupId, agentId, reason: { kind: 'manual' } } };

test('a new ticket is open, unassigned, and its customer waits', () => {
  expect(ticketAfter()).toMatchObject({
    number: 1001,
    subject: 'Printer',
    status: 'new',
    open: true,
    priority: 'normal',
    requester_id: customerId,
    mailbox_id: 'support',
    group_id: null,
    agent_id: null,
    created_at: at('10:00'),
    updated_at: at('10:00'),
    waiting_since: at('10:00'),
    last_agent_at: null,
    comment_count: 0,
    due_at: null,
    version: 1,
    position: 1n,
  });
});

test('an assignment and a priority show', () => {
  const row = ticketAfter({ '11:00': assign, '12:00': { type: 'ChangePriority', data: { to: 'urgent' } } });
  expect(row).toMatchObject({
    group_id: groupId,
    agent_id: agentId,
    priority: 'urgent',
    updated_at: at('12:00'),
    version: 3,
  });
});

test('an answer ends the waiting, and the next message of the customer starts it again', () => {
  expect(ticketAfter({ '11:00': agentSays() })).toMatchObject({ waiting_since: null, last_agent_at: at('11:00') });
  const again = ticketAfter({ '11:00': agentSays(), '12:00': customerSays(), '13:00': customerSays() });
  expect(again).toMatchObject({ waiting_since: at('12:00'), last_customer_at: at('13:00'), comment_count: 3 });
});

test.each([
  ['an internal note', agentSays({ visibility: 'internal' })],
  ['automatic mail', customerSays({ message: automaticMessage() })],
])('%s neither answers the customer nor makes anybody wait', (_what, comment) => {
  const row = ticketAfter({ '12:00': comment });
  expect(row).toMatchObject({
    waiting_since: at('10:00'),
    last_customer_at: at('10:00'),
    last_agent_at: null,
    comment_count: 1,
    updated_at: at('12:00'),
  });
});

test('a resolved ticket is not open and nobody waits; closing it does not resolve it again', () => {
  const row = ticketAfter({ '11:00': status('resolved'), '12:00': status('closed') });
  expect(row).toMatchObject({ status: 'closed', open: false, resolved_at: at('11:00'), waiting_since: null });
});

test('a reopened ticket is open and not resolved', () => {
  const row = ticketAfter({ '11:00': status('resolved'), '12:00': customerSays() });
  expect(row).toMatchObject({ status: 'open', open: true, resolved_at: null, waiting_since: at('12:00') });
});

test('the due time is that of the clock which runs out first, and clocks do not count as changes', () => {
  expect(ticketAfter({}, { timed: true })).toMatchObject({
    due_at: at('11:00'),
    due_clock: 'first-response',
    updated_at: at('10:00'),
    version: 3,
    sla: { 'first-response': { state: 'running' }, resolution: { state: 'running', breached: false } },
  });
  expect(ticketAfter({ '10:30': agentSays() }, { timed: true })).toMatchObject({
    due_clock: 'resolution',
    sla: { 'first-response': { state: 'stopped', breached: false } },
  });
});

test('clocks that are paused are not due', () => {
  const row = ticketAfter({ '10:30': agentSays({ status: 'pending' }) }, { timed: true });
  expect(row).toMatchObject({ due_at: null, due_clock: null, sla: { resolution: { state: 'paused' } } });
});

test('a breach shows until the clock is stopped, and stays on record with the clock', () => {
  const breach: TicketCommand = {
    type: 'BreachSla',
    data: { clock: 'first-response', dueAt: '2026-03-02T11:00:00.000Z' },
  };
  expect(ticketAfter({ '11:01': breach }, { timed: true })).toMatchObject({ breached: true, due_at: at('11:00') });
  const answered = ticketAfter({ '11:01': breach, '11:30': agentSays() }, { timed: true });
  expect(answered).toMatchObject({ breached: false, sla: { 'first-response': { state: 'stopped', breached: true } } });
});

test('what follows a creation that was skipped is left out', () => {
  const story = createStory();
  const id = story.ticket();
  story.play(id, customerSays());
  expect(foldAlone(ticketList, story.log.slice(1)).tickets).toEqual([]);
});

test('the version of the row is that of the stream, whatever happens: it is what people send in If-Match', () => {
  expect(Object.keys(ticketEvents).filter((type) => !ticketList.handles.some((handled) => handled === type))).toEqual(
    [],
  );
});
