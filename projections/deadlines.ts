import { idOf } from '#contracts/events/streams.ts';
import { slaClocks } from '#contracts/primitives.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import type { DeadlineRow, SlaState } from '#packages/read-db/tables.ts';
import { originColumns, originOf } from './origin.ts';
import { isSetAsideEvent, setAsideBy, setAsideTypes } from './set-aside.ts';
import { clockAfter, slaEventTypes } from './sla-clocks.ts';

const deadlineRows: Table<DeadlineRow, 'ticket_id' | 'clock'> = {
  key: ['ticket_id', 'clock'],
  columns: {
    ticket_id: 'uuid not null',
    clock: 'text not null',
    state: 'text not null',
    due_at: 'timestamptz not null',
    breached: 'boolean not null',
    set_aside: 'boolean not null',
    ...originColumns,
  },
  indexes: [`(due_at) where state = 'armed' and not set_aside`],
};

/** What the SLA timer waits for: one row per ticket and clock. */
export const deadlines = defineProjection({
  name: 'deadlines',
  version: 2,
  tables: { deadlines: deadlineRows },
  handles: [...slaEventTypes, ...setAsideTypes],
  fold: (event, rows) => {
    const ticket_id = idOf(event.stream);
    if (isSetAsideEvent(event)) {
      const changes = { set_aside: setAsideBy(event) !== null, ...originOf(event) };
      for (const clock of slaClocks) rows.deadlines.patch({ ticket_id, clock }, changes);
      return;
    }
    const key = { ticket_id, clock: event.data.clock };
    const row = rows.deadlines.get(key);
    const clock = clockAfter(row && clockOf(row), event);
    if (!clock) return;
    const { breached, dueAt } = clock;
    rows.deadlines.put({
      ...key,
      state: stateOf(clock),
      due_at: new Date(dueAt),
      breached,
      set_aside: false,
      ...originOf(event),
    });
  },
});

const stateOf = ({ breached, state }: SlaState): DeadlineRow['state'] =>
  state === 'running' ? (breached ? 'breached' : 'armed') : state;

const clockOf = ({ breached, due_at, state }: DeadlineRow): SlaState => ({
  state: state === 'armed' || state === 'breached' ? 'running' : state,
  dueAt: due_at.toISOString(),
  breached,
});
