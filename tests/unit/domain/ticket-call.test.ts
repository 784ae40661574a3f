import { describe, expect, test } from 'vitest';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { RegisterCall } from '#packages/domain/ticket/commands.ts';
import { noDirectory } from '#packages/domain/ticket/handlers.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { catalogue, savedField } from '#tests/support/catalogue.ts';
import { given } from '#tests/support/given.ts';
import { savedCalendar, savedPolicy, settingsOf } from '#tests/support/settings.ts';
import { everybodyServes, playTicket } from '#tests/support/ticket-play.ts';
import { agentId, agentSays, newTicket } from '#tests/support/tickets.ts';

const now = Temporal.Instant.from('2026-03-02T10:00:00Z');
const facts = { now, settings: settingsOf(...catalogue), directory: everybodyServes([agentId]) };
const call = newTicket({ channel: 'phone', mailboxId: null });
const register = (changes: Partial<RegisterCall['data']> = {}): RegisterCall => ({
  type: 'RegisterCall',
  data: { ticket: call, assignment: null, answer: null, ...changes },
});
const assignment = {
  type: 'AssignTicket' as const,
  data: { groupId: null, agentId, reason: { kind: 'manual' as const } },
};
const answer = agentSays({ channel: 'phone' });
const { status: _, ...said } = answer.data;
const solution = { ...answer, data: { ...answer.data, status: 'resolved' } };

const created: TicketEvent = { type: 'TicketCreated', data: call };
const assigned: TicketEvent = { type: 'TicketAssigned', data: assignment.data };
const commented: TicketEvent = { type: 'TicketCommented', data: said };
const turned = (to: 'open' | 'resolved', reason: 'agent-replied' | 'manual'): TicketEvent => ({
  type: 'TicketStatusChanged',
  data: { from: 'new', to, reason },
});

describe('a call', () => {
  test('opens a ticket, and leaves the rest to the desk', () => {
    given(ticket).when(register(), facts).thenEvents(created);
  });

  test('is handed on, and what the caller was told is an answer', () => {
    given(ticket)
      .when(register({ assignment, answer }), facts)
      .thenEvents(created, assigned, commented, turned('open', 'agent-replied'));
  });

  test('that was solved at once is resolved in the same append', () => {
    given(ticket)
      .when(register({ assignment, answer: solution }), facts)
      .thenEvents(created, assigned, commented, turned('resolved', 'manual'));
  });

  test('stops the SLA clocks that it started: first response met, resolution met', () => {
    const timed = { ...facts, settings: settingsOf(savedCalendar(), savedPolicy()) };
    const events = given(ticket)
      .when(register({ answer: solution }), timed)
      .events();
    const clocks = events.flatMap(({ data, type }) =>
      type === 'TicketSlaStopped' ? [[data.clock, data.outcome]] : [],
    );
    expect(clocks).toEqual([
      ['first-response', 'met'],
      ['resolution', 'met'],
    ]);
    expect(events.map(({ type }) => type).slice(0, 3)).toEqual([
      'TicketCreated',
      'TicketSlaStarted',
      'TicketSlaStarted',
    ]);
  });

  test('is registered once', () => {
    given(ticket, created).when(register(), facts).thenRejects('TICKET_EXISTS');
  });

  test('is not undone: what was said cannot be unsaid', () => {
    const desk = playTicket({ directory: everybodyServes([agentId]), settings: facts.settings });
    const { commandId } = desk.do(register({ assignment, answer: solution }));
    const undo = { type: 'UndoCommand', data: { commandId } } as const;
    expect(() => desk.do(undo)).toThrow('what was said cannot be unsaid');
  });

  test('is refused as a whole for one of its parts', () => {
    const stranger = { ...facts, directory: noDirectory };
    given(ticket)
      .when(register({ assignment }), stranger)
      .thenRejects('UNKNOWN_AGENT', { pointers: ['/agentId'] });
    const group = { ...assignment, data: { ...assignment.data, groupId: idFrom('group') } };
    given(ticket)
      .when(register({ assignment: group }), stranger)
      .thenRejects('UNKNOWN_GROUP', { pointers: ['/groupId'] });
    const unknownService = { ...call, attributes: { serviceId: 'none' } };
    given(ticket)
      .when(register({ ticket: unknownService }), facts)
      .thenRejects('UNKNOWN_SERVICE', { pointers: ['/serviceId'] });
    const asking = { ...facts, settings: settingsOf(savedField('asset', { required: true })) };
    given(ticket)
      .when(register({ answer: solution }), asking)
      .thenRejects('FIELDS_REQUIRED', { pointers: ['/fields/asset'] });
  });
});
