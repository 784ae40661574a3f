import { expect, test } from 'vitest';
import { streams } from '#contracts/events/streams.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import { agents } from '#projections/agents.ts';
import { groups } from '#projections/groups.ts';
import { createStory } from '#tests/support/story.ts';

const ada = idFrom('person', 'ada');
const [first, second] = [idFrom('group', 'first'), idFrom('group', 'second')];

test('an agent has the profile as changed last, and the absences that were not cancelled', () => {
  const story = createStory();
  const stream = streams.person(ada);
  const absenceId = idFrom('absence', 1);
  const from = '2026-03-03T08:00:00.000Z';
  const to = '2026-03-05T08:00:00.000Z';
  story.add(stream, { type: 'AgentAbsencePlanned', data: { absenceId, from, to, reason: 'holiday', deputyId: first } });
  const rows = () => foldAlone(agents, story.log);
  const absence = { starts_at: new Date(from), ends_at: new Date(to), reason: 'holiday', deputy_id: first };
  expect(rows()).toEqual({
    agents: [{ agent_id: ada, skills: [], calendar_id: null, max_open_tickets: null, version: 1, position: 1n }],
    agent_absences: [{ absence_id: absenceId, agent_id: ada, ...absence }],
  });
  story.add(stream, { type: 'AgentSkillsChanged', data: { skills: ['vpn'] } });
  story.add(stream, { type: 'AgentWorkingHoursChanged', data: { calendarId: 'office' } });
  story.add(stream, { type: 'AgentCapacityChanged', data: { maxOpenTickets: 7 } });
  story.add(stream, { type: 'AgentAbsenceCancelled', data: { absenceId } });
  expect(rows()).toMatchObject({
    agents: [{ skills: ['vpn'], calendar_id: 'office', max_open_tickets: 7, version: 5 }],
    agent_absences: [],
  });
});

test('a group has the name and the line that it was given last', () => {
  const story = createStory();
  const stream = streams.group(first);
  story.add(stream, { type: 'GroupRegistered', data: { name: 'Support' } });
  const row = () => foldAlone(groups, story.log).groups;
  expect(row()).toMatchObject([{ name: 'Support', line: null, escalates_to: null }]);
  story.add(stream, { type: 'GroupRenamed', data: { name: 'First line' } });
  story.add(stream, { type: 'GroupLineChanged', data: { line: 1, escalatesTo: second } });
  expect(row()).toMatchObject([{ name: 'First line', line: 1, escalates_to: second, version: 3 }]);
});
