import { expect, test } from 'vitest';
import { noDirectory } from '#packages/domain/ticket/handlers.ts';
import { explainSla } from '#packages/domain/ticket/sla-explanation.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import { play } from '#tests/support/given.ts';
import { aroundTheClock, savedCalendar, savedPolicy, settingsOf } from '#tests/support/settings.ts';
import { agentSays, createTicket, customerSays } from '#tests/support/tickets.ts';

const hour = 3_600_000;
const settings = settingsOf(
  savedCalendar(),
  savedCalendar('always', aroundTheClock()),
  savedPolicy('urgent', { order: 1, match: { priorities: ['urgent'] }, calendarId: 'always' }),
  savedPolicy('standard', { order: 2, match: { priorities: ['normal'] } }),
);
const story = () => play(ticket, (now) => ({ now, settings, directory: noDirectory }));
const at = (text: string) => Temporal.Instant.from(text);

/** Intervals as [state, from, to, hours, calendar], with the types of the events that opened and closed them. */
function told(desk: ReturnType<typeof story>, clock: string, now: string) {
  const type = (id: string | null) => desk.events.find((event) => event.id === id)?.type ?? null;
  return explainSla(desk.events, settings, at(now))
    .filter(({ state }) => state.clock === clock)
    .map((run) => ({
      cycle: run.cycle,
      hours: run.elapsedMs / hour,
      intervals: run.intervals.map((it) => [
        it.state,
        type(it.openedBy),
        type(it.closedBy),
        it.from,
        it.to,
        it.businessMs / hour,
        it.calendarId,
      ]),
    }));
}

test('every stretch of a clock names the events around it and the calendar it was counted by', () => {
  const desk = story();
  desk.at('2026-03-02T15:00:00Z', createTicket());
  desk.at('2026-03-03T10:00:00Z', agentSays({ status: 'pending' }));
  desk.at('2026-03-04T10:00:00Z', customerSays());
  desk.at('2026-03-04T11:00:00Z', { type: 'ChangePriority', data: { to: 'urgent' } });
  desk.at('2026-03-04T19:00:00Z', { type: 'ChangeStatus', data: { to: 'resolved' } });
  desk.at('2026-03-05T09:00:00Z', { type: 'ChangeStatus', data: { to: 'open' } });
  expect(told(desk, 'resolution', '2026-03-05T10:00:00Z')).toEqual([
    {
      cycle: 1,
      hours: 13,
      intervals: [
        [
          'running',
          'TicketSlaStarted',
          'TicketSlaPaused',
          '2026-03-02T15:00:00.000Z',
          '2026-03-03T10:00:00.000Z',
          3,
          'office',
        ],
        [
          'paused',
          'TicketSlaPaused',
          'TicketSlaResumed',
          '2026-03-03T10:00:00.000Z',
          '2026-03-04T10:00:00.000Z',
          0,
          'office',
        ],
        [
          'running',
          'TicketSlaResumed',
          'TicketSlaRetargeted',
          '2026-03-04T10:00:00.000Z',
          '2026-03-04T11:00:00.000Z',
          1,
          'office',
        ],
        [
          'running',
          'TicketSlaRetargeted',
          'TicketSlaStopped',
          '2026-03-04T11:00:00.000Z',
          '2026-03-04T19:00:00.000Z',
          8,
          'always',
        ],
        [
          'stopped',
          'TicketSlaStopped',
          'TicketSlaResumed',
          '2026-03-04T19:00:00.000Z',
          '2026-03-05T09:00:00.000Z',
          0,
          'always',
        ],
        ['running', 'TicketSlaResumed', null, '2026-03-05T09:00:00.000Z', '2026-03-05T10:00:00.000Z', 1, 'always'],
      ],
    },
  ]);
});

test('each wait for the next response is a run of its own', () => {
  const desk = story();
  desk.at('2026-03-02T09:00:00Z', createTicket());
  desk.at('2026-03-02T09:30:00Z', agentSays());
  desk.at('2026-03-02T10:00:00Z', customerSays());
  desk.at('2026-03-02T11:00:00Z', agentSays());
  desk.at('2026-03-02T12:00:00Z', customerSays());
  const runs = told(desk, 'next-response', '2026-03-02T12:30:00Z');
  expect(runs.map(({ cycle, hours }) => [cycle, hours])).toEqual([
    [1, 1],
    [2, 0.5],
  ]);
});

test('a clock that began late accounts for the time before it', () => {
  const desk = story();
  desk.at('2026-03-02T09:00:00Z', createTicket({ priority: 'low' }));
  desk.at('2026-03-02T10:00:00Z', { type: 'ChangeStatus', data: { to: 'pending' } });
  desk.at('2026-03-02T12:00:00Z', { type: 'ChangeStatus', data: { to: 'open' } });
  desk.at('2026-03-02T13:00:00Z', { type: 'ChangePriority', data: { to: 'normal' } });
  const begun = ['TicketSlaStarted', 'TicketSlaStarted'];
  expect(told(desk, 'resolution', '2026-03-02T14:00:00Z')).toEqual([
    {
      cycle: 1,
      hours: 3,
      intervals: [
        ['running', ...begun, '2026-03-02T09:00:00.000Z', '2026-03-02T10:00:00.000Z', 1, 'office'],
        ['paused', ...begun, '2026-03-02T10:00:00.000Z', '2026-03-02T12:00:00.000Z', 0, 'office'],
        ['running', ...begun, '2026-03-02T12:00:00.000Z', '2026-03-02T13:00:00.000Z', 1, 'office'],
        ['running', 'TicketSlaStarted', null, '2026-03-02T13:00:00.000Z', '2026-03-02T14:00:00.000Z', 1, 'office'],
      ],
    },
  ]);
});

test('a ticket without clocks has nothing to explain', () => {
  const desk = story();
  desk.at('2026-03-02T09:00:00Z', createTicket({ priority: 'low' }));
  expect(explainSla(desk.events, settings, at('2026-03-03T09:00:00Z'))).toEqual([]);
});
