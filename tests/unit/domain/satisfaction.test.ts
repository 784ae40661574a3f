import { describe, expect, test } from 'vitest';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Score, Status } from '#contracts/primitives.ts';
import { noDirectory } from '#packages/domain/ticket/handlers.ts';
import type { RateTicket } from '#packages/domain/ticket/satisfaction.ts';
import { maxEvents, ticket } from '#packages/domain/ticket/ticket.ts';
import { given, type Past } from '#tests/support/given.ts';
import { settingsOf } from '#tests/support/settings.ts';
import { agentId, customerId, newTicket } from '#tests/support/tickets.ts';

const now = Temporal.Instant.from('2026-03-02T10:00:00Z');
const facts = { now, settings: settingsOf(), directory: noDirectory };
const solvedAt = '2026-03-01T10:00:00.000Z';

const created: TicketEvent = { type: 'TicketCreated', data: newTicket() };
const assigned: TicketEvent = {
  type: 'TicketAssigned',
  data: { groupId: null, agentId, reason: { kind: 'manual' } },
};
const to = (from: Status, status: Status, at = solvedAt): Past<TicketEvent> => ({
  type: 'TicketStatusChanged',
  data: { from, to: status, reason: 'manual' },
  at,
});
const rate = (score: Score, changes: Partial<RateTicket['data']> = {}): RateTicket => ({
  type: 'RateTicket',
  data: { round: null, score, comment: null, raterId: customerId, via: 'api', ...changes },
});
const rated = (score: Score, changes: object = {}): TicketEvent => ({
  type: 'TicketRated',
  data: {
    round: 1,
    score,
    comment: null,
    raterId: customerId,
    via: 'api',
    groupId: null,
    agentId,
    solvedAt,
    ...changes,
  },
});
const solved = [created, assigned, to('new', 'resolved')];

describe('rating a solution', () => {
  test('names the solution and who had the ticket when it was solved', () => {
    const passedOn: TicketEvent = { ...assigned, data: { ...assigned.data, agentId: null } } as TicketEvent;
    given(ticket, ...solved, passedOn)
      .when(rate(5, { comment: 'Quick!' }), facts)
      .thenEvents(rated(5, { comment: 'Quick!' }));
  });

  test('is not open before there is one', () => {
    given(ticket, created).when(rate(5), facts).thenRejects('RATING_NOT_OPEN');
    given(ticket, ...solved)
      .when(rate(5, { round: 2 }), facts)
      .thenRejects('RATING_NOT_OPEN');
  });

  test('is repeated without effect and changed with one', () => {
    given(ticket, ...solved, rated(5))
      .when(rate(5), facts)
      .thenNothing();
    given(ticket, ...solved, rated(5))
      .when(rate(2), facts)
      .thenEvents(rated(2));
  });

  test('ends 30 days after the solution, to the millisecond', () => {
    const last = Temporal.Instant.from(solvedAt).add({ hours: 24 * 30 });
    given(ticket, ...solved)
      .when(rate(4), { ...facts, now: last })
      .thenEvents(rated(4));
    given(ticket, ...solved)
      .when(rate(4), { ...facts, now: last.add({ milliseconds: 1 }) })
      .thenRejects('RATING_NOT_OPEN');
  });

  test('a ticket solved again can be rated again; closing what is resolved is no new solution', () => {
    const again = '2026-03-02T09:00:00.000Z';
    const events = [...solved, rated(1), to('resolved', 'closed'), to('closed', 'open'), to('open', 'resolved', again)];
    const { state } = given(ticket, ...events);
    expect(state.satisfaction.map(({ solvedAt: at, rating }) => [at, rating?.score])).toEqual([
      [solvedAt, 1],
      [again, undefined],
    ]);
    given(ticket, ...events)
      .when(rate(5), facts)
      .thenEvents(rated(5, { round: 2, solvedAt: again }));
    given(ticket, ...events)
      .when(rate(3, { round: 1, via: 'link' }), facts)
      .thenEvents(rated(3, { via: 'link' }));
  });
});

test('a ticket that is as long as it may be is rated once by its solution', () => {
  const renamed: TicketEvent = { type: 'TicketSubjectChanged', data: { from: 'a', to: 'b' } };
  const full = [...solved, ...Array.from({ length: maxEvents - solved.length }, () => renamed)];
  given(ticket, ...full)
    .when(rate(4), facts)
    .thenEvents(rated(4));
  given(ticket, ...full, rated(4))
    .when(rate(5), facts)
    .thenRejects('TICKET_TOO_LONG');
});
