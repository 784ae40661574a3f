import { idOf } from '#contracts/events/streams.ts';
import { timerEventTypes, timerKinds, timersOf } from '#packages/domain/ticket/timers.ts';
import { defineProjection, type RowsOf, type Table } from '#packages/projector/projection.ts';
import type { TimerRow } from '#packages/read-db/tables-lifecycle.ts';
import { originColumns, originOf } from './origin.ts';

const timerRows: Table<TimerRow, 'ticket_id' | 'kind'> = {
  key: ['ticket_id', 'kind'],
  columns: {
    ticket_id: 'uuid not null',
    kind: 'text not null',
    due_at: 'timestamptz not null',
    held: 'boolean not null',
    ...originColumns,
  },
  indexes: ['(due_at, ticket_id, kind) where not held'],
};

/** Events that set a ticket aside or take it back. A ticket that is set aside gets no events about its lifecycle. */
const holds = ['TicketMerged', 'TicketMarkedSpam'] as const;
const releases = ['TicketUnmerged', 'TicketRestored'] as const;

/** What tickets do by themselves and when: one row per timer that is armed. */
export const timers = defineProjection({
  name: 'timers',
  version: 1,
  tables: { timers: timerRows },
  handles: [...timerEventTypes, ...holds, ...releases],
  fold: (event, rows) => {
    const ticket_id = idOf(event.stream);
    switch (event.type) {
      case 'TicketMerged':
      case 'TicketMarkedSpam':
        return hold(rows, ticket_id, true);
      case 'TicketUnmerged':
      case 'TicketRestored':
        return hold(rows, ticket_id, false);
      default: {
        const set = timersOf(event);
        for (const kind of timerKinds) {
          const due = set[kind];
          if (due) rows.timers.put({ ticket_id, kind, due_at: new Date(due), held: false, ...originOf(event) });
          else if (due === null) rows.timers.delete({ ticket_id, kind });
        }
      }
    }
  },
});

/** The version stays: it is part of the id of the command that a timer sends, and taking back must not change it. */
function hold(rows: RowsOf<{ timers: typeof timerRows }>, ticket_id: string, held: boolean): void {
  for (const kind of timerKinds) rows.timers.patch({ ticket_id, kind }, { held });
}
