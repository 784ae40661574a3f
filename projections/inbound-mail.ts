import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import type { InboundMailRow } from '#packages/read-db/tables.ts';
import { originColumns, originOf, timeOf } from './origin.ts';

const mailRows: Table<InboundMailRow, 'id'> = {
  key: ['id'],
  columns: {
    id: 'uuid not null',
    mailbox_id: 'text not null',
    transport: 'text not null',
    envelope_from: 'text',
    recipients: 'text[] not null',
    remote: 'text not null',
    blob: 'text not null',
    size: 'integer not null',
    received_at: 'timestamptz not null',
    processed_at: 'timestamptz',
    outcome: 'text',
    ticket_id: 'uuid',
    comment_id: 'uuid',
    matched_by: 'text',
    classification: 'text',
    reason: 'text',
    message_id: 'text',
    subject: 'text',
    sender: 'text',
    ...originColumns,
  },
  indexes: [
    '(received_at, id)',
    '(received_at, id) where outcome is null',
    '(ticket_id)',
    '(outcome, received_at, id)',
  ],
};

const undecided = {
  processed_at: null,
  outcome: null,
  ticket_id: null,
  comment_id: null,
  matched_by: null,
  classification: null,
  reason: null,
  message_id: null,
  subject: null,
  sender: null,
};

/** What came in by mail, what was decided about it, and why. */
export const inboundMail = defineProjection({
  name: 'inbound-mail',
  version: 1,
  tables: { inbound_mail: mailRows },
  handles: ['InboundMailReceived', 'InboundMailProcessed'],
  fold: (event, rows) => {
    const id = idOf(event.stream);
    if (event.type === 'InboundMailReceived') {
      const { blob, envelopeFrom, mailboxId, recipients, remote, size, transport } = event.data;
      const received = {
        mailbox_id: mailboxId,
        transport,
        envelope_from: envelopeFrom,
        recipients,
        remote,
        blob,
        size,
      };
      return rows.inbound_mail.put({ id, ...received, received_at: timeOf(event), ...undecided, ...originOf(event) });
    }
    const { classification, commentId, from, matchedBy, messageId, outcome, reason, subject, ticketId } = event.data;
    const decided = {
      outcome,
      ticket_id: ticketId,
      comment_id: commentId,
      matched_by: matchedBy,
      classification,
      reason,
    };
    const mail = { message_id: messageId, subject, sender: from };
    rows.inbound_mail.patch({ id }, { ...decided, ...mail, processed_at: timeOf(event), ...originOf(event) });
  },
});
