import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import type { DeadlineRow, SlaState } from '#packages/read-db/tables.ts';
import { originColumns, originOf } from './origin.ts';
import { clockAfter, slaEventTypes } from './sla-clocks.ts';

const deadlineRows: Table<DeadlineRow, 'ticket_id' | 'clock'> = {
  key: ['ticket_id', 'clock'],
  columns: {
    ticket_id: 'uuid not null',
    clock: 'text not null',
    state: 'text not null',
    due_at: 'timestamptz not null',
    breached: 'boolean not null',
    ...originColumns,
  },
  indexes: [`(due_at) where state = 'armed'`],
};

/** What the SLA timer waits for: one row per ticket and clock. */
export const deadlines = defineProjection({
  name: 'deadlines',
  version: 1,
  tables: { deadlines: deadlineRows },
  handles: slaEventTypes,
  fold: (event, rows) => {
    const key = { ticket_id: idOf(event.stream), clock: event.data.clock };
    const row = rows.deadlines.get(key);
    const clock = clockAfter(row && clockOf(row), event);
    if (!clock) return;
    const { breached, dueAt } = clock;
    rows.deadlines.put({ ...key, state: stateOf(clock), due_at: new Date(dueAt), breached, ...originOf(event) });
  },
});

const stateOf = ({ breached, state }: SlaState): DeadlineRow['state'] =>
  state === 'running' ? (breached ? 'breached' : 'armed') : state;

const clockOf = ({ breached, due_at, state }: DeadlineRow): SlaState => ({
  state: state === 'armed' || state === 'breached' ? 'running' : state,
  dueAt: due_at.toISOString(),
  breached,
});
