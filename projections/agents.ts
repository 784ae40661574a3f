import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type StoredOf, type Table } from '#packages/projector/projection.ts';
import type { AgentAbsenceRow, AgentRow } from '#packages/read-db/tables-agents.ts';
import { originColumns, originOf } from './origin.ts';

const agentRows: Table<AgentRow, 'agent_id'> = {
  key: ['agent_id'],
  columns: {
    agent_id: 'uuid not null',
    skills: 'text[] not null',
    calendar_id: 'text',
    max_open_tickets: 'integer',
    ...originColumns,
  },
  indexes: [],
};

const absenceRows: Table<AgentAbsenceRow, 'absence_id'> = {
  key: ['absence_id'],
  columns: {
    absence_id: 'uuid not null',
    agent_id: 'uuid not null',
    starts_at: 'timestamptz not null',
    ends_at: 'timestamptz not null',
    reason: 'text not null',
    deputy_id: 'uuid',
  },
  indexes: ['(agent_id, ends_at)'],
};

const handles = [
  'AgentSkillsChanged',
  'AgentWorkingHoursChanged',
  'AgentCapacityChanged',
  'AgentAbsencePlanned',
  'AgentAbsenceCancelled',
] as const;

/** How agents work: skills, hours, capacity, and when they are absent. */
export const agents = defineProjection({
  name: 'agents',
  version: 1,
  tables: { agents: agentRows, agent_absences: absenceRows },
  handles,
  fold: (event, rows) => {
    const agent_id = idOf(event.stream);
    const before = rows.agents.get({ agent_id }) ?? { agent_id, skills: [], calendar_id: null, max_open_tickets: null };
    rows.agents.put({ ...before, ...changes(event), ...originOf(event) });
    if (event.type === 'AgentAbsenceCancelled') rows.agent_absences.delete({ absence_id: event.data.absenceId });
    if (event.type !== 'AgentAbsencePlanned') return;
    const { absenceId: absence_id, deputyId: deputy_id, from, reason, to } = event.data;
    const [starts_at, ends_at] = [new Date(from), new Date(to)];
    rows.agent_absences.put({ absence_id, agent_id, starts_at, ends_at, reason, deputy_id });
  },
});

function changes(event: StoredOf<(typeof handles)[number]>): Partial<AgentRow> {
  switch (event.type) {
    case 'AgentSkillsChanged':
      return { skills: event.data.skills };
    case 'AgentWorkingHoursChanged':
      return { calendar_id: event.data.calendarId };
    case 'AgentCapacityChanged':
      return { max_open_tickets: event.data.maxOpenTickets };
    case 'AgentAbsencePlanned':
    case 'AgentAbsenceCancelled':
      return {};
  }
}
