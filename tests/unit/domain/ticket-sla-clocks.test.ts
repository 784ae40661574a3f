import { describe, expect, test } from 'vitest';
import { savedCalendar, savedPolicy, settingsOf } from '#tests/support/settings.ts';
import { breach, clocks, hour, status, story } from '#tests/support/sla-story.ts';
import { agentSays, automaticMessage, createTicket, customerSays } from '#tests/support/tickets.ts';

describe('starting', () => {
  test('first response and resolution start with the ticket, and name what they were promised by', () => {
    const events = story().at('2026-03-02T16:30:00Z', createTicket());
    const terms = { policyId: 'standard', policyVersion: 1, calendarId: 'office', calendarVersion: 1 };
    const startedAt = '2026-03-02T16:30:00.000Z';
    expect(events.slice(1)).toEqual([
      {
        type: 'TicketSlaStarted',
        data: { ...terms, clock: 'first-response', targetMinutes: 60, startedAt, dueAt: '2026-03-03T09:30:00.000Z' },
      },
      {
        type: 'TicketSlaStarted',
        data: { ...terms, clock: 'resolution', targetMinutes: 480, startedAt, dueAt: '2026-03-03T16:30:00.000Z' },
      },
    ]);
  });

  test('the first matching policy by order counts, in its newest version', () => {
    const settings = settingsOf(
      savedCalendar(),
      savedPolicy('for-all', { order: 2 }),
      savedPolicy('for-mail', { order: 1, match: { mailboxes: ['support'] }, firstResponseMinutes: 10 }),
      savedPolicy('for-mail', { order: 1, match: { mailboxes: ['support'] }, firstResponseMinutes: 30 }),
      savedPolicy('for-urgent', { order: 0, match: { priorities: ['urgent'] } }),
    );
    const [, first] = story(settings).at('2026-03-02T10:00:00Z', createTicket());
    expect(first?.data).toMatchObject({ policyId: 'for-mail', policyVersion: 2, dueAt: '2026-03-02T10:30:00.000Z' });
  });

  test('a target that the policy leaves out has no clock', () => {
    const settings = settingsOf(savedCalendar(), savedPolicy('p', { firstResponseMinutes: null }));
    expect(clocks(story(settings).at('2026-03-02T10:00:00Z', createTicket()))).toEqual([
      ['Started', 'resolution', '2026-03-03T10:00:00.000Z'],
    ]);
  });

  test('without a matching policy, or without its calendar, there are no clocks', () => {
    const noMatch = settingsOf(savedCalendar(), savedPolicy('p', { match: { mailboxes: ['sales'] } }));
    expect(story(noMatch).at('2026-03-02T10:00:00Z', createTicket())).toHaveLength(1);
    expect(story(settingsOf(savedPolicy())).at('2026-03-02T10:00:00Z', createTicket())).toHaveLength(1);
  });

  test('a ticket that a machine reported has clocks like any other', () => {
    const events = story().at('2026-03-02T10:00:00Z', createTicket({ message: automaticMessage() }));
    expect(clocks(events)).toHaveLength(2);
  });
});

describe('resolution', () => {
  test('does not count pauses, also over a weekend', () => {
    const desk = story();
    desk.at('2026-03-06T15:00:00Z', createTicket());
    desk.at('2026-03-06T15:30:00Z', agentSays());
    expect(clocks(desk.at('2026-03-06T16:00:00Z', status('pending')))).toEqual([['Paused', 'resolution', hour]]);
    expect(clocks(desk.at('2026-03-10T10:00:00Z', status('on-hold')))).toEqual([]);
    expect(clocks(desk.at('2026-03-11T16:00:00Z', status('open')))).toEqual([
      ['Resumed', 'resolution', '2026-03-12T15:00:00.000Z'],
    ]);
    expect(clocks(desk.at('2026-03-12T09:30:00Z', status('resolved')))).toEqual([
      ['Stopped', 'resolution', 'met', 2.5 * hour],
    ]);
  });

  test('a ticket reopened after weeks goes on with the time it had used, not with its age', () => {
    const desk = story();
    desk.at('2026-03-02T09:00:00Z', createTicket());
    desk.at('2026-03-02T10:00:00Z', agentSays({ status: 'resolved' }));
    desk.at('2026-03-03T10:00:00Z', status('closed'));
    expect(clocks(desk.at('2026-03-30T09:00:00Z', status('open')))).toEqual([
      ['Resumed', 'resolution', '2026-03-30T16:00:00.000Z'],
    ]);
    expect(clocks(desk.at('2026-03-30T09:30:00Z', status('resolved')))).toEqual([
      ['Stopped', 'resolution', 'met', 1.5 * hour],
    ]);
  });

  test('a ticket reopened straight into pending waits, and counts when it is open', () => {
    const desk = story();
    desk.at('2026-03-02T09:00:00Z', createTicket());
    desk.at('2026-03-02T10:00:00Z', agentSays({ status: 'resolved' }));
    expect(clocks(desk.at('2026-03-03T10:00:00Z', agentSays({ status: 'pending' })))).toEqual([
      ['Paused', 'resolution', hour],
    ]);
    expect(clocks(desk.at('2026-03-04T09:00:00Z', customerSays()))).toEqual([
      ['Started', 'next-response', '2026-03-04T11:00:00.000Z'],
      ['Resumed', 'resolution', '2026-03-04T16:00:00.000Z'],
    ]);
  });

  test('late in business time: overdue again at once when reopened, without a second breach', () => {
    const desk = story();
    desk.at('2026-03-02T09:00:00Z', createTicket());
    desk.at('2026-03-02T09:10:00Z', agentSays());
    expect(clocks(desk.at('2026-03-03T10:00:00Z', status('resolved')))).toEqual([
      ['Breached', 'resolution', '2026-03-02T17:00:00.000Z'],
      ['Stopped', 'resolution', 'late', 9 * hour],
    ]);
    expect(clocks(desk.at('2026-03-05T12:00:00Z', status('open')))).toEqual([
      ['Resumed', 'resolution', '2026-03-05T11:00:00.000Z'],
    ]);
    expect(desk.at('2026-03-05T12:00:00Z', breach('resolution', '2026-03-05T11:00:00.000Z'))).toEqual([]);
    expect(clocks(desk.at('2026-03-05T12:00:00Z', status('resolved')))).toEqual([
      ['Stopped', 'resolution', 'late', 9 * hour],
    ]);
  });
});

describe('breach', () => {
  const desk = () => {
    const it = story();
    it.at('2026-03-02T10:00:00Z', createTicket());
    return it;
  };

  test('is recorded once, when its time has come', () => {
    const it = desk();
    const firing = breach('first-response', '2026-03-02T11:00:00.000Z');
    expect(it.at('2026-03-02T10:59:59.999Z', firing)).toEqual([]);
    expect(it.at('2026-03-02T11:00:00Z', firing)).toEqual([
      {
        type: 'TicketSlaBreached',
        data: {
          clock: 'first-response',
          dueAt: '2026-03-02T11:00:00.000Z',
          policyId: 'standard',
          policyVersion: 1,
        },
      },
    ]);
    expect(it.at('2026-03-02T11:00:01Z', firing)).toEqual([]);
  });

  test('the same deadline written another way is the same deadline', () => {
    expect(desk().at('2026-03-02T11:00:00Z', breach('first-response', '2026-03-02T12:00:00+01:00'))).toHaveLength(1);
  });

  test.each([
    { why: 'of another deadline', firing: breach('first-response', '2026-03-02T10:30:00.000Z') },
    { why: 'of a clock that never ran', firing: breach('next-response', '2026-03-02T11:00:00.000Z') },
  ])('a firing $why is stale', ({ firing }) => {
    expect(desk().at('2026-03-02T12:00:00Z', firing)).toEqual([]);
  });

  test('a firing for a clock that has stopped or is paused is stale', () => {
    const answered = desk();
    answered.at('2026-03-02T10:30:00Z', agentSays());
    expect(answered.at('2026-03-02T11:00:00Z', breach('first-response', '2026-03-02T11:00:00.000Z'))).toEqual([]);
    const waiting = desk();
    waiting.at('2026-03-02T10:30:00Z', status('pending'));
    expect(waiting.at('2026-03-04T11:00:00Z', breach('resolution', '2026-03-03T10:00:00.000Z'))).toEqual([]);
  });

  test('a pause does not hide that the clock was overdue', () => {
    const it = desk();
    it.at('2026-03-02T10:30:00Z', agentSays());
    expect(clocks(it.at('2026-03-03T11:00:00Z', status('pending')))).toEqual([
      ['Breached', 'resolution', '2026-03-03T10:00:00.000Z'],
      ['Paused', 'resolution', 9 * hour],
    ]);
  });
});
