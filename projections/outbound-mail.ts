import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type StoredOf, type Table } from '#packages/projector/projection.ts';
import type { OutboundMailRow } from '#packages/read-db/tables.ts';
import { originColumns, originOf, timeOf } from './origin.ts';

const mailRows: Table<OutboundMailRow, 'id'> = {
  key: ['id'],
  columns: {
    id: 'uuid not null',
    ticket_id: 'uuid not null',
    cause_event_id: 'uuid not null',
    template: 'text not null',
    from_name: 'text not null',
    from_address: 'text not null',
    recipients: 'text[] not null',
    cc: 'text[] not null',
    reply_to: 'text',
    subject: 'text not null',
    message_id: 'text not null',
    in_reply_to: 'text',
    reference_ids: 'text[] not null',
    automatic: 'boolean not null',
    text: 'text not null',
    html: 'text',
    attachments: 'jsonb not null',
    state: 'text not null',
    attempts: 'integer not null',
    next_attempt_at: 'timestamptz',
    queued_at: 'timestamptz not null',
    finished_at: 'timestamptz',
    transport: 'text',
    response: 'text',
    ...originColumns,
  },
  indexes: [
    `(next_attempt_at, id) where state in ('queued', 'deferred')`,
    '(queued_at, id)',
    '(state, queued_at, id)',
    '(ticket_id, queued_at)',
  ],
};

const changeTypes = ['OutboundMailSent', 'OutboundMailDeferred', 'OutboundMailFailed'] as const;

/** What the desk sends by mail: the sender's queue and the outbox page. */
export const outboundMail = defineProjection({
  name: 'outbound-mail',
  version: 1,
  tables: { outbound_mail: mailRows },
  handles: ['OutboundMailQueued', ...changeTypes],
  fold: (event, rows) => {
    if (event.type === 'OutboundMailQueued') return rows.outbound_mail.put(queued(event));
    rows.outbound_mail.patch({ id: idOf(event.stream) }, { ...changes(event), ...originOf(event) });
  },
});

function queued(event: StoredOf<'OutboundMailQueued'>): OutboundMailRow {
  const { data } = event;
  return {
    id: idOf(event.stream),
    ticket_id: data.ticketId,
    cause_event_id: data.causeEventId,
    template: data.template,
    from_name: data.from.name,
    from_address: data.from.address,
    recipients: data.to,
    cc: data.cc,
    reply_to: data.replyTo,
    subject: data.subject,
    message_id: data.messageId,
    in_reply_to: data.inReplyTo,
    reference_ids: data.references,
    automatic: data.automatic,
    text: data.text,
    html: data.html,
    attachments: data.attachments,
    state: 'queued',
    attempts: 0,
    next_attempt_at: timeOf(event),
    queued_at: timeOf(event),
    finished_at: null,
    transport: null,
    response: null,
    ...originOf(event),
  };
}

function changes(event: StoredOf<(typeof changeTypes)[number]>): Partial<OutboundMailRow> {
  const attempts = event.data.attempt;
  const finished = { attempts, next_attempt_at: null, finished_at: timeOf(event) };
  switch (event.type) {
    case 'OutboundMailSent':
      return { state: 'sent', ...finished, transport: event.data.transport, response: event.data.response };
    case 'OutboundMailFailed':
      return { state: 'failed', ...finished, response: event.data.reason };
    case 'OutboundMailDeferred': {
      const next_attempt_at = new Date(event.data.nextAttemptAt);
      return { state: 'deferred', attempts, next_attempt_at, response: event.data.reason };
    }
  }
}
