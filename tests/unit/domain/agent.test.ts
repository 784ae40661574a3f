import { describe, expect, test } from 'vitest';
import type { AgentEvent } from '#contracts/events/agent.ts';
import { agent } from '#packages/domain/agent/agent.ts';
import { unavailable, type Workload } from '#packages/domain/agent/availability.ts';
import type { AgentCommand, AgentFacts } from '#packages/domain/agent/commands.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { given } from '#tests/support/given.ts';
import { calendarOf, savedCalendar, settingsOf } from '#tests/support/settings.ts';

const [ada, bo, customer] = [idFrom('ada'), idFrom('bo'), idFrom('customer')];
const facts: AgentFacts = {
  now: Temporal.Instant.from('2026-03-02T10:00:00Z'),
  settings: settingsOf(savedCalendar('office')),
  agentId: ada,
  isAgent: (id) => id === ada || id === bo,
};
const absence = (from: string, to: string, changes: { deputyId?: string | null } = {}) => ({
  absenceId: idFrom('absence', from),
  from: `2026-03-${from}:00.000Z`,
  to: `2026-03-${to}:00.000Z`,
  reason: 'holiday',
  deputyId: null,
  ...changes,
});
const plan = (...period: Parameters<typeof absence>): AgentCommand => ({
  type: 'PlanAbsence',
  data: absence(...period),
});
const planned = (...period: Parameters<typeof absence>): AgentEvent => ({
  type: 'AgentAbsencePlanned',
  data: absence(...period),
});

describe('the profile of an agent', () => {
  test('changes only by what is different', () => {
    const skilled: AgentEvent = { type: 'AgentSkillsChanged', data: { skills: ['german', 'vpn'] } };
    given(agent)
      .when({ type: 'ChangeSkills', data: { skills: ['vpn', 'german', 'vpn'] } }, facts)
      .thenEvents(skilled);
    given(agent, skilled)
      .when({ type: 'ChangeSkills', data: { skills: ['vpn', 'german'] } }, facts)
      .thenNothing();
    given(agent, skilled)
      .when({ type: 'ChangeSkills', data: { skills: [] } }, facts)
      .thenEvents({ type: 'AgentSkillsChanged', data: { skills: [] } });
    const full: AgentEvent = { type: 'AgentCapacityChanged', data: { maxOpenTickets: 0 } };
    given(agent)
      .when({ type: 'ChangeCapacity', data: { maxOpenTickets: null } }, facts)
      .thenNothing();
    given(agent)
      .when({ type: 'ChangeCapacity', data: { maxOpenTickets: 0 } }, facts)
      .thenEvents(full);
    given(agent, full)
      .when({ type: 'ChangeCapacity', data: { maxOpenTickets: 0 } }, facts)
      .thenNothing();
  });

  test('has working hours by a calendar that there is', () => {
    const office: AgentEvent = { type: 'AgentWorkingHoursChanged', data: { calendarId: 'office' } };
    given(agent)
      .when({ type: 'ChangeWorkingHours', data: { calendarId: 'office' } }, facts)
      .thenEvents(office);
    given(agent)
      .when({ type: 'ChangeWorkingHours', data: { calendarId: 'night' } }, facts)
      .thenRejects('UNKNOWN_CALENDAR', { pointers: ['/calendarId'] });
    given(agent, office)
      .when({ type: 'ChangeWorkingHours', data: { calendarId: null } }, facts)
      .thenEvents({ type: 'AgentWorkingHoursChanged', data: { calendarId: null } });
  });

  test.each([
    { type: 'ChangeSkills', data: { skills: [] } },
    { type: 'ChangeWorkingHours', data: { calendarId: null } },
    { type: 'ChangeCapacity', data: { maxOpenTickets: 1 } },
    plan('03T08:00', '03T09:00'),
    { type: 'CancelAbsence', data: { absenceId: ada } },
  ] satisfies AgentCommand[])('$type is for people who work on tickets', (command) => {
    given(agent)
      .when(command, { ...facts, agentId: customer })
      .thenRejects('UNKNOWN_AGENT');
  });
});

describe('absences', () => {
  test('are planned, may touch, and are cancelled once', () => {
    const first = planned('03T08:00', '05T08:00', { deputyId: bo });
    given(agent)
      .when(plan('03T08:00', '05T08:00', { deputyId: bo }), facts)
      .thenEvents(first);
    given(agent, first).when(plan('05T08:00', '06T08:00'), facts).thenEvents(planned('05T08:00', '06T08:00'));
    given(agent, first).when(plan('02T08:00', '03T08:00'), facts).thenEvents(planned('02T08:00', '03T08:00'));
    const cancel: AgentCommand = { type: 'CancelAbsence', data: { absenceId: absence('03T08:00', '').absenceId } };
    const cancelled: AgentEvent = { type: 'AgentAbsenceCancelled', data: cancel.data };
    given(agent, first).when(cancel, facts).thenEvents(cancelled);
    given(agent, first, cancelled).when(cancel, facts).thenRejects('ABSENCE_NOT_FOUND');
    given(agent, first, cancelled)
      .when(plan('04T08:00', '04T09:00'), facts)
      .thenEvents(planned('04T08:00', '04T09:00'));
  });

  test.each([
    { why: 'ends before it begins', period: ['05T08:00', '04T08:00'], pointers: ['/to'] },
    { why: 'ends as it begins', period: ['05T08:00', '05T08:00'], pointers: ['/to'] },
    { why: 'is over', period: ['01T08:00', '02T10:00'], pointers: ['/to'] },
    { why: 'lies inside another', period: ['11T08:00', '12T08:00'], pointers: ['/from'] },
    { why: 'lies around another', period: ['09T08:00', '21T08:00'], pointers: ['/from'] },
    { why: 'overlaps by a minute', period: ['19T07:59', '21T08:00'], pointers: ['/from'] },
  ] as const)('are refused when one $why', ({ period: [from, to], pointers }) => {
    given(agent, planned('10T08:00', '19T08:00'))
      .when(plan(from, to), facts)
      .thenRejects('ABSENCE_INVALID', { pointers });
  });

  test('have a deputy who is another agent', () => {
    given(agent)
      .when(plan('03T08:00', '05T08:00', { deputyId: ada }), facts)
      .thenRejects('ABSENCE_INVALID', { pointers: ['/deputyId'] });
    given(agent)
      .when(plan('03T08:00', '05T08:00', { deputyId: customer }), facts)
      .thenRejects('UNKNOWN_AGENT', { pointers: ['/deputyId'] });
  });

  test('are no more than a hundred to come', () => {
    const many = Array.from({ length: 100 }, (_, index) => {
      const [from, to] = [0, 1].map((more) =>
        Temporal.Instant.from('2026-04-01T00:00:00Z').add({ hours: index + more }),
      );
      const data = { ...absence('03T08:00', ''), absenceId: idFrom(String(index)), from: `${from}`, to: `${to}` };
      return { type: 'AgentAbsencePlanned', data } as const;
    });
    given(agent, ...many)
      .when(plan('03T08:00', '05T08:00'), facts)
      .thenRejects('ABSENCE_INVALID');
    given(agent, ...many.slice(1))
      .when(plan('03T08:00', '05T08:00'), facts)
      .thenEvents(planned('03T08:00', '05T08:00'));
  });
});

describe('an agent is available', () => {
  const free: Workload = { absences: [], calendar: null, maxOpenTickets: null, openTickets: 3 };
  const monday = Temporal.Instant.from('2026-03-02T10:00:00Z');
  const sunday = Temporal.Instant.from('2026-03-01T10:00:00Z');
  const away = { from: '2026-03-02T08:00:00.000Z', to: '2026-03-04T08:00:00.000Z', deputyId: bo };

  test.each([
    { why: 'with nothing said', load: free, at: sunday, answer: null },
    { why: 'in working hours', load: { ...free, calendar: calendarOf() }, at: monday, answer: null },
    {
      why: 'not outside of them',
      load: { ...free, calendar: calendarOf() },
      at: sunday,
      answer: { reason: 'outside hours', until: '2026-03-02T09:00:00.000Z' },
    },
    {
      why: 'not while absent',
      load: { ...free, absences: [away], calendar: calendarOf(), maxOpenTickets: 0 },
      at: monday,
      answer: { reason: 'absent', until: away.to },
    },
    {
      why: 'at the first instant back',
      load: { ...free, absences: [away] },
      at: Temporal.Instant.from(away.to),
      answer: null,
    },
    { why: 'below capacity', load: { ...free, maxOpenTickets: 4 }, at: monday, answer: null },
    {
      why: 'not at capacity',
      load: { ...free, maxOpenTickets: 3 },
      at: monday,
      answer: { reason: 'at capacity', until: null },
    },
  ])('$why', ({ answer, at, load }) => {
    expect(unavailable(load, at)).toEqual(answer);
  });
});
