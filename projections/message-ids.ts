import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type StoredOf, type Table } from '#packages/projector/projection.ts';
import type { MessageIdRow } from '#packages/read-db/tables.ts';
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

/** The longest line of a mail (RFC 5322 2.1.1). Longer ids come from nowhere good and would not fit into an index entry. */
const maxOctets = 998;

const handles = ['TicketCreated', 'TicketCommented', 'OutboundMailQueued'] as const;

/** Which tickets a mail belongs to that answers an earlier one, by the ids of all mails that came in and went out. */
export const messageIds = defineProjection({
  name: 'message-ids',
  version: 1,
  tables: { message_ids: messageIdRows },
  handles,
  fold: (event, rows) => {
    const mail = mailOf(event);
    if (mail.message_id === null || Buffer.byteLength(mail.message_id) > maxOctets) return;
    rows.message_ids.put({ ...mail, message_id: mail.message_id, at: timeOf(event), position: event.position });
  },
});

function mailOf(event: StoredOf<(typeof handles)[number]>) {
  if (event.type === 'OutboundMailQueued')
    return { message_id: event.data.messageId, ticket_id: event.data.ticketId, direction: 'outbound' as const };
  const message_id = event.data.message.mail?.messageId ?? null;
  return { message_id, ticket_id: idOf(event.stream), direction: 'inbound' as const };
}
