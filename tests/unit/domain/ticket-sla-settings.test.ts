import { describe, expect, test } from 'vitest';
import { aroundTheClock, calendarOf, savedCalendar, savedPolicy, settingsOf } from '#tests/support/settings.ts';
import { breach, clocks, hour, minute, priority, standard, status, story } from '#tests/support/sla-story.ts';
import { agentSays, createTicket } from '#tests/support/tickets.ts';

describe('a change of priority', () => {
  const settings = settingsOf(
    savedCalendar(),
    savedCalendar('always', aroundTheClock()),
    savedPolicy('urgent', {
      order: 1,
      match: { priorities: ['urgent'] },
      calendarId: 'always',
      firstResponseMinutes: 30,
      resolutionMinutes: 240,
    }),
    savedPolicy('standard', { order: 2, match: { priorities: ['normal', 'high'] } }),
  );

  test('moves running clocks to the policy that now matches and keeps what has elapsed', () => {
    const desk = story(settings);
    desk.at('2026-03-02T16:50:00Z', createTicket());
    const events = desk.at('2026-03-02T20:00:00Z', priority('urgent'));
    expect(clocks(events)).toEqual([
      ['Retargeted', 'first-response', '2026-03-02T20:20:00.000Z', 10 * minute],
      ['Retargeted', 'resolution', '2026-03-02T23:50:00.000Z', 10 * minute],
    ]);
    expect(events[1]?.data).toMatchObject({ policyId: 'urgent', calendarId: 'always', targetMinutes: 30 });
    expect(desk.at('2026-03-02T22:00:00Z', breach('first-response', '2026-03-03T09:50:00.000Z'))).toEqual([]);
    expect(clocks(desk.at('2026-03-02T20:15:00Z', agentSays()))).toEqual([
      ['Stopped', 'first-response', 'met', 25 * minute],
    ]);
  });

  test('changes nothing when the same policy matches', () => {
    const desk = story(settings);
    desk.at('2026-03-02T10:00:00Z', createTicket());
    expect(clocks(desk.at('2026-03-02T10:10:00Z', priority('high')))).toEqual([]);
  });

  test('takes a version of the policy that was saved meanwhile', () => {
    const edited = settingsOf(
      savedCalendar(),
      savedPolicy(),
      savedPolicy('standard', { firstResponseMinutes: 30, resolutionMinutes: 60 }),
    );
    let known = standard;
    const desk = story(() => known);
    desk.at('2026-03-02T10:00:00Z', createTicket());
    known = edited;
    expect(clocks(desk.at('2026-03-02T10:05:00Z', agentSays({ visibility: 'internal' })))).toEqual([]);
    expect(clocks(desk.at('2026-03-02T10:10:00Z', priority('high')))).toEqual([
      ['Retargeted', 'first-response', '2026-03-02T10:30:00.000Z', 10 * minute],
      ['Retargeted', 'resolution', '2026-03-02T11:00:00.000Z', 10 * minute],
    ]);
  });

  test('loses no pause: a paused clock stays paused and goes on with what was left', () => {
    const desk = story(settings);
    desk.at('2026-03-02T09:00:00Z', createTicket());
    desk.at('2026-03-02T10:00:00Z', agentSays({ status: 'pending' }));
    expect(clocks(desk.at('2026-03-04T10:00:00Z', priority('urgent')))).toEqual([
      ['Retargeted', 'resolution', '2026-03-04T13:00:00.000Z', hour],
    ]);
    expect(desk.at('2026-03-04T14:00:00Z', breach('resolution', '2026-03-04T13:00:00.000Z'))).toEqual([]);
    expect(clocks(desk.at('2026-03-05T20:00:00Z', status('open')))).toEqual([
      ['Resumed', 'resolution', '2026-03-05T23:00:00.000Z'],
    ]);
  });

  test('a paused clock that the new target makes overdue ends late, with its breach', () => {
    const desk = story(settings);
    desk.at('2026-03-02T09:00:00Z', createTicket());
    desk.at('2026-03-02T09:10:00Z', agentSays());
    desk.at('2026-03-02T15:00:00Z', status('pending'));
    expect(clocks(desk.at('2026-03-03T10:00:00Z', priority('urgent')))).toEqual([
      ['Retargeted', 'resolution', '2026-03-03T08:00:00.000Z', 6 * hour],
    ]);
    expect(clocks(desk.at('2026-03-03T12:00:00Z', status('resolved')))).toEqual([
      ['Breached', 'resolution', '2026-03-03T10:00:00.000Z'],
      ['Stopped', 'resolution', 'late', 6 * hour],
    ]);
  });

  test('a breach of the old target stays on record, and the new target can be met', () => {
    const desk = story(settings);
    desk.at('2026-03-02T09:00:00Z', createTicket({ priority: 'urgent' }));
    desk.at('2026-03-02T09:30:00Z', breach('first-response', '2026-03-02T09:30:00.000Z'));
    expect(clocks(desk.at('2026-03-02T09:40:00Z', priority('normal')))).toEqual([
      ['Retargeted', 'first-response', '2026-03-02T10:00:00.000Z', 40 * minute],
      ['Retargeted', 'resolution', '2026-03-02T17:00:00.000Z', 40 * minute],
    ]);
    expect(clocks(desk.at('2026-03-02T09:50:00Z', agentSays()))).toEqual([
      ['Stopped', 'first-response', 'met', 50 * minute],
    ]);
  });

  test('cancels clocks when no policy matches any more', () => {
    const desk = story(settings);
    desk.at('2026-03-02T10:00:00Z', createTicket());
    expect(clocks(desk.at('2026-03-02T10:10:00Z', priority('low')))).toEqual([
      ['Stopped', 'first-response', 'cancelled', 10 * minute],
      ['Stopped', 'resolution', 'cancelled', 10 * minute],
    ]);
    expect(clocks(desk.at('2026-03-02T10:20:00Z', status('resolved')))).toEqual([]);
    expect(clocks(desk.at('2026-03-02T10:30:00Z', status('open')))).toEqual([]);
  });

  test('a policy that comes late counts from creation, pauses and resolved times left out', () => {
    const desk = story(settings);
    desk.at('2026-03-02T09:00:00Z', createTicket({ priority: 'low' }));
    desk.at('2026-03-02T10:00:00Z', status('pending'));
    desk.at('2026-03-02T12:00:00Z', status('open'));
    desk.at('2026-03-02T13:00:00Z', status('resolved'));
    desk.at('2026-03-02T15:00:00Z', status('open'));
    const events = desk.at('2026-03-02T15:30:00Z', priority('normal'));
    expect(clocks(events)).toEqual([
      ['Started', 'first-response', '2026-03-02T12:00:00.000Z'],
      ['Started', 'resolution', '2026-03-03T13:00:00.000Z'],
    ]);
    expect(events[2]?.data).toMatchObject({ startedAt: '2026-03-02T09:00:00.000Z' });
    expect(clocks(desk.at('2026-03-02T16:30:00Z', agentSays({ status: 'resolved' })))).toEqual([
      ['Breached', 'first-response', '2026-03-02T12:00:00.000Z'],
      ['Stopped', 'first-response', 'late', 5.5 * hour],
      ['Stopped', 'resolution', 'met', 3.5 * hour],
    ]);
  });

  test('a policy that comes while the ticket waits starts its clock paused', () => {
    const desk = story(settings);
    desk.at('2026-03-02T09:00:00Z', createTicket({ priority: 'low' }));
    desk.at('2026-03-02T10:00:00Z', agentSays({ status: 'pending' }));
    expect(clocks(desk.at('2026-03-03T12:00:00Z', priority('normal')))).toEqual([
      ['Started', 'resolution', '2026-03-04T11:00:00.000Z'],
      ['Paused', 'resolution', hour],
    ]);
  });

  test('while resolved changes no clock; reopening puts them on the new policy', () => {
    const desk = story(settings);
    desk.at('2026-03-02T09:00:00Z', createTicket());
    desk.at('2026-03-02T10:00:00Z', agentSays({ status: 'resolved' }));
    expect(clocks(desk.at('2026-03-02T11:00:00Z', priority('urgent')))).toEqual([]);
    expect(clocks(desk.at('2026-03-03T20:00:00Z', status('open')))).toEqual([
      ['Resumed', 'resolution', '2026-03-04T16:00:00.000Z'],
      ['Retargeted', 'resolution', '2026-03-03T23:00:00.000Z', hour],
    ]);
  });
});

describe('settings that change', () => {
  test('a running clock keeps the calendar version it was started with', () => {
    const before = settingsOf(savedCalendar(), savedPolicy());
    const longer = calendarOf({ holidays: ['2026-03-03'] });
    const after = settingsOf(savedCalendar(), savedPolicy(), savedCalendar('office', longer));
    let known = before;
    const desk = story(() => known);
    desk.at('2026-03-02T09:00:00Z', createTicket());
    known = after;
    desk.at('2026-03-02T09:30:00Z', agentSays({ status: 'pending' }));
    expect(clocks(desk.at('2026-03-02T16:30:00Z', status('open')))).toEqual([
      ['Resumed', 'resolution', '2026-03-03T16:00:00.000Z'],
    ]);
  });

  test('a change of priority takes the calendar as it is then', () => {
    let known = standard;
    const desk = story(() => known);
    desk.at('2026-03-02T16:30:00Z', createTicket());
    const closed = calendarOf({ holidays: ['2026-03-03'] });
    known = settingsOf(savedCalendar(), savedPolicy(), savedCalendar('office', closed));
    expect(clocks(desk.at('2026-03-02T16:40:00Z', priority('high')))).toEqual([
      ['Retargeted', 'first-response', '2026-03-04T09:30:00.000Z', 10 * minute],
      ['Retargeted', 'resolution', '2026-03-04T16:30:00.000Z', 10 * minute],
    ]);
  });

  test('a target that a calendar does not reach in 20 years is no target', () => {
    const far = savedPolicy('far', { firstResponseMinutes: 10_000_000 });
    const desk = story(settingsOf(savedCalendar(), far));
    expect(clocks(desk.at('2026-03-02T10:00:00Z', createTicket()))).toEqual([
      ['Started', 'resolution', '2026-03-03T10:00:00.000Z'],
    ]);
  });

  test('a process that has not heard of the calendar yet says so, and the caller tries again', () => {
    let known = standard;
    const desk = story(() => known);
    desk.at('2026-03-02T09:00:00Z', createTicket());
    known = settingsOf();
    expect(() => desk.at('2026-03-02T09:30:00Z', agentSays())).toThrow(
      expect.objectContaining({ code: 'READ_MODEL_UNAVAILABLE' }),
    );
  });
});
