import { expect, test } from 'vitest';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import { workTotals } from '#packages/domain/ticket/attributes-state.ts';
import { noDirectory } from '#packages/domain/ticket/handlers.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { given } from '#tests/support/given.ts';
import { settingsOf } from '#tests/support/settings.ts';
import { agentId, newTicket } from '#tests/support/tickets.ts';

const facts = { now: Temporal.Instant.from('2026-03-02T10:00:00Z'), settings: settingsOf(), directory: noDirectory };
const companyId = idFrom('company');
const workId = idFrom('work');
const created: TicketEvent = { type: 'TicketCreated', data: newTicket({ companyId }) };
const work = {
  workId,
  personId: agentId,
  minutes: 90,
  billable: true,
  startedAt: '2026-03-01T08:00:00.000Z',
  specification: 'New drum',
};
const log = { type: 'LogWork', data: work } as const;
const logged: TicketEvent = { type: 'TicketWorkLogged', data: { ...work, companyId } };

test('work is on record with the company of the ticket, once', () => {
  given(ticket, created).when(log, facts).thenEvents(logged);
  given(ticket, created, logged).when(log, facts).thenNothing();
});

test('it is corrected, and the record says what it was', () => {
  const correct = { type: 'CorrectWork', data: { workId, minutes: 60, ofPerson: agentId } } as const;
  const corrected: TicketEvent = {
    type: 'TicketWorkCorrected',
    data: { ...work, minutes: 60, previous: { minutes: 90, billable: true } },
  };
  given(ticket, created, logged).when(correct, facts).thenEvents(corrected);
  given(ticket, created, logged, corrected).when(correct, facts).thenNothing();
});

test('it is removed, and the totals with it', () => {
  const remove = { type: 'RemoveWork', data: { workId, ofPerson: null } } as const;
  const removed: TicketEvent = { type: 'TicketWorkRemoved', data: { workId, minutes: 90, billable: true } };
  given(ticket, created, logged).when(remove, facts).thenEvents(removed);
  given(ticket, created, logged, removed).when(remove, facts).thenRejects('WORK_NOT_FOUND');
  const second: TicketEvent = {
    type: 'TicketWorkLogged',
    data: { ...work, workId: idFrom('more'), minutes: 5, billable: false, companyId },
  };
  const totals = (...events: TicketEvent[]) => workTotals(given(ticket, created, ...events).state.attributes.work);
  expect(totals(logged, second)).toEqual({ minutes: 95, billableMinutes: 90 });
  expect(totals(logged, second, removed)).toEqual({ minutes: 5, billableMinutes: 0 });
});

test('the work of others is for who may', () => {
  for (const type of ['CorrectWork', 'RemoveWork'] as const)
    given(ticket, created, logged)
      .when({ type, data: { workId, ofPerson: idFrom('somebody else') } }, facts)
      .thenRejects('FORBIDDEN');
});

test('a closed ticket still takes work: that is when bills are written', () => {
  const closed: TicketEvent = { type: 'TicketStatusChanged', data: { from: 'new', to: 'closed', reason: 'manual' } };
  given(ticket, created, closed).when(log, facts).thenEvents(logged);
});
