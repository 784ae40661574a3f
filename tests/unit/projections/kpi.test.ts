import { expect, test } from 'vitest';
import type { TicketCommand } from '#packages/domain/ticket/commands.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import type { KpiDayRow } from '#packages/read-db/tables.ts';
import { kpi } from '#projections/kpi.ts';
import { savedCalendar, savedPolicy, settingsOf } from '#tests/support/settings.ts';
import { createStory } from '#tests/support/story.ts';
import { agentSays, automaticMessage, customerSays } from '#tests/support/tickets.ts';

const a = idFrom('group', 'a');
const b = idFrom('group', 'b');
const hour = 3_600_000n;
const day = 24n * hour;
const settings = settingsOf(savedCalendar(), savedPolicy());

const assign = (groupId: string | null): TicketCommand => ({
  type: 'AssignTicket',
  data: { groupId, agentId: null, reason: { kind: 'manual' } },
});
const status = (to: 'open' | 'pending' | 'resolved' | 'closed'): TicketCommand => ({
  type: 'ChangeStatus',
  data: { to },
});

/** The figures of a ticket created on Monday, 2 March 2026, at 10:00 after commands at `<day of March> <time>`. */
function after(...commands: readonly [when: string, command: TicketCommand][]) {
  const story = createStory({ settings });
  const id = story.ticket();
  for (const [when, command] of commands) {
    const [date, time] = when.split(' ');
    story.play(id, command, { at: `2026-03-${date}T${time}:00Z` });
  }
  const { kpi_days, kpi_tickets } = foldAlone(kpi, story.log);
  return { ticket: kpi_tickets[0]!, days: flowOf(kpi_days) };
}

/** The counters that are not zero, as `<day of March> <group> <counter>`. */
function flowOf(rows: readonly KpiDayRow[]): string[] {
  const names = new Map([
    [a, 'a'],
    [b, 'b'],
  ]);
  return rows.flatMap(({ day: date, group_id, ...counters }) =>
    Object.entries(counters)
      .filter(([, count]) => count !== 0)
      .map(([counter, count]) => `${date.slice(8)} ${names.get(group_id) ?? '-'} ${counter} ${count}`),
  );
}

const backlog = (flow: string[], group: string): number =>
  flow
    .map((line) => line.split(' '))
    .filter(([, name]) => name === group)
    .reduce((sum, [, , counter, count]) => sum + (/resolved|moved_out/.test(counter!) ? -1 : 1) * Number(count), 0);

test('the first public answer of an agent is the first response, in calendar and in business time', () => {
  const { ticket } = after(
    ['02 11:00', agentSays({ visibility: 'internal' })],
    ['03 10:00', agentSays()],
    ['03 11:00', agentSays()],
  );
  expect(ticket).toMatchObject({
    first_response_at: new Date('2026-03-03T10:00:00Z'),
    first_response_ms: day,
    first_response_business_ms: 8n * hour,
    first_response_breached: true,
  });
});

test('a ticket that was resolved before any group had it was created for none, in the day and in the drill-down', () => {
  const { days, ticket } = after(
    ['02 11:00', status('resolved')],
    ['02 12:00', status('open')],
    ['02 13:00', assign(a)],
  );
  expect(days.filter((line) => line.includes('created'))).toEqual(['02 - created 1']);
  expect(ticket).toMatchObject({ group_id: a, first_group_id: null });
});

test('automatic mail is no response', () => {
  expect(after(['02 10:01', agentSays({ message: automaticMessage() })]).ticket.first_response_at).toBeNull();
});

test('what a service writes by a rule is no response, an answer mailed by an agent is', () => {
  const answers = (message?: { message: ReturnType<typeof automaticMessage> }) => {
    const story = createStory();
    story.play(story.ticket(), agentSays(message), { actor: { kind: 'service', id: 'email-ingest' } });
    return foldAlone(kpi, story.log).kpi_tickets[0]!.first_response_at !== null;
  };
  const { mail, ...rest } = automaticMessage();
  expect(answers()).toBe(false);
  expect(answers({ message: { ...rest, mail: { ...mail!, automatic: false } } })).toBe(true);
});

test('resolution is measured to the last time; closing a resolved ticket changes nothing', () => {
  const { ticket } = after(['03 10:00', status('resolved')], ['04 10:00', status('closed')]);
  expect(ticket).toMatchObject({
    resolved_at: new Date('2026-03-03T10:00:00Z'),
    resolution_ms: day,
    resolution_business_ms: 8n * hour,
    closed_at: new Date('2026-03-04T10:00:00Z'),
    open: false,
    reopened_count: 0,
  });
});

test('reopening takes the resolution back; resolved again, it counts to that moment', () => {
  const resolved: [string, TicketCommand] = ['03 10:00', status('resolved')];
  const reopened: [string, TicketCommand] = ['04 10:00', customerSays()];
  expect(after(resolved, reopened).ticket).toMatchObject({
    resolved_at: null,
    resolution_ms: null,
    resolution_business_ms: null,
    reopened_count: 1,
    open: true,
  });
  expect(after(resolved, reopened, ['05 10:00', status('resolved')]).ticket).toMatchObject({
    first_resolved_at: new Date('2026-03-03T10:00:00Z'),
    resolved_at: new Date('2026-03-05T10:00:00Z'),
    resolution_ms: 3n * day,
  });
});

test('closed without having been resolved counts as resolved', () => {
  const { days, ticket } = after(['03 10:00', status('closed')]);
  expect(ticket).toMatchObject({ resolved_at: new Date('2026-03-03T10:00:00Z'), resolution_ms: day });
  expect(days).toContain('03 - resolved 1');
});

test('breaches are kept per clock', () => {
  const { ticket } = after(['02 10:30', agentSays()], ['09 10:00', status('resolved')]);
  expect(ticket).toMatchObject({
    first_response_breached: false,
    next_response_breached: false,
    resolution_breached: true,
  });
});

test('a ticket counts as created for the group that it reaches first, on the day it was created', () => {
  expect(after(['03 09:00', assign(a)]).days).toEqual(['02 a created 1']);
});

test('an open ticket that changes hands moves from group to group on that day', () => {
  const { days } = after(['02 11:00', assign(a)], ['03 09:00', assign(b)]);
  expect(days).toEqual(['02 a created 1', '03 a moved_out 1', '03 b moved_in 1']);
});

test('resolved and reopened count for the group at that moment', () => {
  const { days } = after(['02 11:00', assign(a)], ['03 09:00', status('resolved')], ['04 09:00', status('open')]);
  expect(days).toEqual(['02 a created 1', '03 a resolved 1', '04 a reopened 1']);
});

test.each([
  [
    'open',
    1,
    [
      ['02 11:00', assign(a)],
      ['03 09:00', assign(b)],
    ],
  ],
  [
    'moved while resolved',
    0,
    [
      ['02 11:00', assign(a)],
      ['03 09:00', status('resolved')],
      ['04 09:00', assign(b)],
    ],
  ],
  [
    'reopened elsewhere',
    1,
    [
      ['02 11:00', assign(a)],
      ['03 09:00', status('resolved')],
      ['04 09:00', assign(b)],
      ['05 09:00', status('open')],
    ],
  ],
  [
    'resolved before any group',
    0,
    [
      ['02 11:00', status('resolved')],
      ['03 09:00', assign(b)],
    ],
  ],
  [
    'that, reopened',
    1,
    [
      ['02 11:00', status('resolved')],
      ['03 09:00', assign(b)],
      ['04 09:00', status('open')],
    ],
  ],
] as [string, number, [string, TicketCommand][]][])(
  'the backlog of a group adds up: %s',
  (_what, expected, commands) => {
    const { days } = after(...commands);
    expect(backlog(days, 'b')).toBe(expected);
    expect(backlog(days, 'a')).toBe(0);
    expect(backlog(days, '-')).toBe(0);
  },
);
