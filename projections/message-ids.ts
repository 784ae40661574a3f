import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type RowsOf, type StoredOf, type Table } from '#packages/projector/projection.ts';
import type { MessageIdRow } from '#packages/read-db/tables.ts';
import type { MessagePlaceRow } from '#packages/read-db/tables-relations.ts';
import { timeOf } from './origin.ts';

const messageIdRows: Table<MessageIdRow, 'message_id' | 'ticket_id'> = {
  key: ['message_id', 'ticket_id'],
  columns: {
    message_id: 'text not null',
    ticket_id: 'uuid not null',
    direction: 'text not null',
    at: 'timestamptz not null',
    position: 'bigint not null',
  },
  indexes: ['(ticket_id)'],
};

const placeRows: Table<MessagePlaceRow, 'event_id'> = {
  key: ['event_id'],
  columns: { event_id: 'uuid not null', ticket_id: 'uuid not null', inbound_id: 'text', outbound_id: 'text' },
  indexes: [],
};

/** The longest line of a mail (RFC 5322 2.1.1). Longer ids come from nowhere good and would not fit into an index entry. */
const maxOctets = 998;
const usable = (id: string | null): string | null => (id !== null && Buffer.byteLength(id) <= maxOctets ? id : null);

type Rows = RowsOf<{ message_ids: typeof messageIdRows; message_places: typeof placeRows }>;

/**
 * Which tickets a mail belongs to that answers an earlier one, by the ids of all mails that came in and went out. A
 * message that is moved to another ticket takes its ids along, also those of the mail that it is sent by later.
 */
export const messageIds = defineProjection({
  name: 'message-ids',
  version: 2,
  tables: { message_ids: messageIdRows, message_places: placeRows },
  handles: ['TicketCreated', 'TicketCommented', 'TicketCommentMovedOut', 'OutboundMailQueued'],
  fold: (event, rows) => {
    if (event.type === 'TicketCommentMovedOut') return move(event, rows);
    if (event.type === 'OutboundMailQueued') return sent(event, rows);
    // Moved here from elsewhere: its ids came with the move.
    if (event.type === 'TicketCreated' && event.data.splitFrom) return;
    const ticket_id = idOf(event.stream);
    const inbound_id = usable(event.data.message.mail?.messageId ?? null);
    rows.message_places.put({ event_id: event.id, ticket_id, inbound_id, outbound_id: null });
    if (inbound_id !== null) put(rows, inbound_id, ticket_id, 'inbound', event);
  },
});

const put = (
  rows: Rows,
  message_id: string,
  ticket_id: string,
  direction: MessageIdRow['direction'],
  event: StoredOf<'TicketCreated' | 'TicketCommented' | 'TicketCommentMovedOut' | 'OutboundMailQueued'>,
) => rows.message_ids.put({ message_id, ticket_id, direction, at: timeOf(event), position: event.position });

function sent(event: StoredOf<'OutboundMailQueued'>, rows: Rows): void {
  const message_id = usable(event.data.messageId);
  if (message_id === null) return;
  const place = rows.message_places.get({ event_id: event.data.causeEventId });
  if (place) rows.message_places.put({ ...place, outbound_id: message_id });
  put(rows, message_id, place?.ticket_id ?? event.data.ticketId, 'outbound', event);
}

function move(event: StoredOf<'TicketCommentMovedOut'>, rows: Rows): void {
  const { eventId: event_id, to } = event.data;
  const place = rows.message_places.get({ event_id });
  if (!place) return;
  rows.message_places.put({ ...place, ticket_id: to.ticketId });
  for (const [id, direction] of [
    [place.inbound_id, 'inbound'],
    [place.outbound_id, 'outbound'],
  ] as const) {
    if (id === null) continue;
    rows.message_ids.delete({ message_id: id, ticket_id: place.ticket_id });
    put(rows, id, to.ticketId, direction, event);
  }
}
