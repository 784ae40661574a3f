import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import type { TicketLinkRow } from '#packages/read-db/tables-relations.ts';
import { timeOf } from './origin.ts';

const linkRows: Table<TicketLinkRow, 'link_id'> = {
  key: ['link_id'],
  columns: {
    link_id: 'uuid not null',
    from_id: 'uuid not null',
    to_id: 'uuid not null',
    kind: 'text not null',
    linked_at: 'timestamptz not null',
    linked_position: 'bigint not null',
    unlinked_at: 'timestamptz',
    unlinked_position: 'bigint',
  },
  indexes: ['(from_id)', '(to_id)'],
};

/** Links between tickets, to be shown from both sides, now and as of any moment. */
export const ticketLinks = defineProjection({
  name: 'ticket-links',
  version: 1,
  tables: { ticket_links: linkRows },
  handles: ['TicketLinked', 'TicketUnlinked'],
  fold: (event, rows) => {
    const { kind, linkId: link_id, ticketId: to_id } = event.data;
    const at = timeOf(event);
    if (event.type === 'TicketUnlinked')
      return rows.ticket_links.patch({ link_id }, { unlinked_at: at, unlinked_position: event.position });
    rows.ticket_links.put({
      link_id,
      from_id: idOf(event.stream),
      to_id,
      kind,
      linked_at: at,
      linked_position: event.position,
      unlinked_at: null,
      unlinked_position: null,
    });
  },
});
