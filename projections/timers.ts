import { idOf } from '#contracts/events/streams.ts';
import { timerEventTypes, timerKinds, timersOf } from '#packages/domain/ticket/timers.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import type { TimerRow } from '#packages/read-db/tables-lifecycle.ts';
import { originColumns, originOf } from './origin.ts';
import { isSetAsideEvent, setAsideBy, setAsideTypes } from './set-aside.ts';

const timerRows: Table<TimerRow, 'ticket_id' | 'kind'> = {
  key: ['ticket_id', 'kind'],
  columns: {
    ticket_id: 'uuid not null',
    kind: 'text not null',
    due_at: 'timestamptz not null',
    set_aside: 'boolean not null',
    ...originColumns,
  },
  indexes: ['(due_at, ticket_id, kind) where not set_aside'],
};

/** What tickets do by themselves and when: one row per timer that is armed. */
export const timers = defineProjection({
  name: 'timers',
  version: 1,
  tables: { timers: timerRows },
  handles: [...timerEventTypes, ...setAsideTypes],
  fold: (event, rows) => {
    const ticket_id = idOf(event.stream);
    if (isSetAsideEvent(event)) {
      const changes = { set_aside: setAsideBy(event) !== null, ...originOf(event) };
      for (const kind of timerKinds) rows.timers.patch({ ticket_id, kind }, changes);
      return;
    }
    const set = timersOf(event);
    for (const kind of timerKinds) {
      const due = set[kind];
      if (due) rows.timers.put({ ticket_id, kind, due_at: new Date(due), set_aside: false, ...originOf(event) });
      else if (due === null) rows.timers.delete({ ticket_id, kind });
    }
  },
});
