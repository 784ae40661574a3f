import { idOf } from '#contracts/events/streams.ts';
import { leavesWaiting } from '#packages/domain/ticket/assignment-state.ts';
import { isDone } from '#packages/domain/ticket/status.ts';
import { defineProjection, type RowSet, type StoredOf, type Table } from '#packages/projector/projection.ts';
import type { AgentLoadRow } from '#packages/read-db/tables.ts';
import type { AgentLoadTicketRow } from '#packages/read-db/tables-agents.ts';
import { timeOf } from './origin.ts';
import { isSetAsideEvent, setAsideBy, setAsideTypes } from './set-aside.ts';

const loadRows: Table<AgentLoadRow, 'agent_id'> = {
  key: ['agent_id'],
  columns: {
    agent_id: 'uuid not null',
    open_tickets: 'integer not null',
    last_assigned_at: 'timestamptz',
    position: 'bigint not null',
  },
  indexes: [],
};

const ticketRows: Table<AgentLoadTicketRow, 'ticket_id'> = {
  key: ['ticket_id'],
  columns: {
    ticket_id: 'uuid not null',
    agent_id: 'uuid',
    open: 'boolean not null',
    set_aside: 'boolean not null',
    waits_in: 'uuid',
    waits_since: 'timestamptz',
    waits_for: 'text[] not null',
  },
  indexes: ['(waits_since, ticket_id) where waits_in is not null'],
};

const notWaiting = { waits_in: null, waits_since: null, waits_for: [] };

const handles = ['TicketCreated', 'TicketAssigned', 'TicketStatusChanged', ...setAsideTypes] as const;
type Event = StoredOf<(typeof handles)[number]>;

/**
 * How many tickets each agent has that are neither resolved nor closed nor set aside, and when the agent last got one;
 * and which tickets wait until routing finds somebody for them.
 */
export const agentLoad = defineProjection({
  name: 'agent-load',
  version: 3,
  tables: { agent_load: loadRows, agent_load_tickets: ticketRows },
  handles,
  fold: (event, rows) => {
    const ticket_id = idOf(event.stream);
    if (event.type === 'TicketCreated')
      return rows.agent_load_tickets.put({ ticket_id, agent_id: null, open: true, set_aside: false, ...notWaiting });
    const before = rows.agent_load_tickets.get({ ticket_id });
    if (!before) return;
    const after = { ...before, ...changes(event) };
    rows.agent_load_tickets.put(after);
    count(rows.agent_load, before, -1, event);
    count(rows.agent_load, after, 1, event);
  },
});

function changes(event: Exclude<Event, { type: 'TicketCreated' }>): Partial<AgentLoadTicketRow> {
  if (isSetAsideEvent(event)) return { set_aside: setAsideBy(event) !== null };
  if (event.type !== 'TicketAssigned') return { open: !isDone(event.data.to) };
  const { agentId: agent_id, groupId: waits_in, reason } = event.data;
  if (!leavesWaiting(event.data)) return { agent_id, ...notWaiting };
  const waits_for = reason.kind === 'routing' ? (reason.skills ?? []) : [];
  return { agent_id, waits_in, waits_for, waits_since: timeOf(event) };
}

/** Counts a ticket in (1) or out (-1) of its agent's load. */
function count(
  loads: RowSet<AgentLoadRow, Pick<AgentLoadRow, 'agent_id'>>,
  { agent_id, open, set_aside }: AgentLoadTicketRow,
  change: 1 | -1,
  event: Event,
): void {
  if (agent_id === null) return;
  const load = loads.get({ agent_id });
  const got = change === 1 && event.type === 'TicketAssigned';
  loads.put({
    agent_id,
    open_tickets: (load?.open_tickets ?? 0) + (open && !set_aside ? change : 0),
    last_assigned_at: got ? timeOf(event) : (load?.last_assigned_at ?? null),
    position: event.position,
  });
}
