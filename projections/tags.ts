import { defineProjection, type RowSet, type Table } from '#packages/projector/projection.ts';
import type { TagRow } from '#packages/read-db/tables-attributes.ts';

const tagRows: Table<TagRow, 'tag'> = {
  key: ['tag'],
  columns: { tag: 'text not null', tickets: 'integer not null' },
  indexes: ['(tag text_pattern_ops)'],
};

/** The tags in use, each with how many tickets have it; one that no ticket has any more is gone. */
export const tags = defineProjection({
  name: 'tags',
  version: 1,
  tables: { tags: tagRows },
  handles: ['TicketCreated', 'TicketTagsChanged'],
  fold: (event, rows) => {
    if (event.type === 'TicketCreated') return count(rows.tags, event.data.attributes?.tags ?? [], 1);
    count(rows.tags, event.data.added, 1);
    count(rows.tags, event.data.removed, -1);
  },
});

function count(rows: RowSet<TagRow, Pick<TagRow, 'tag'>>, changed: readonly string[], by: 1 | -1): void {
  for (const tag of changed) {
    const tickets = (rows.get({ tag })?.tickets ?? 0) + by;
    if (tickets > 0) rows.put({ tag, tickets });
    else rows.delete({ tag });
  }
}
