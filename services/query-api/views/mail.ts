import type { InboundMail, OutboundMail, OutboundMailSummary } from '#contracts/api/mail.ts';
import type { InboundMailRow, OutboundMailRow } from '#packages/read-db/tables.ts';

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

/** A mail of the desk as the outbox lists it. */
export const outboundSummary = (row: OutboundMailRow): OutboundMailSummary => ({
  id: row.id,
  ticketId: row.ticket_id,
  template: row.template,
  from: row.from_address,
  to: [...row.recipients],
  cc: [...row.cc],
  subject: row.subject,
  messageId: row.message_id,
  state: row.state,
  attempts: row.attempts,
  queuedAt: row.queued_at.toISOString(),
  nextAttemptAt: iso(row.next_attempt_at),
  finishedAt: iso(row.finished_at),
  transport: row.transport,
  response: row.response,
});

export const outboundMail = (row: OutboundMailRow): OutboundMail => ({
  ...outboundSummary(row),
  inReplyTo: row.in_reply_to,
  references: [...row.reference_ids],
  automatic: row.automatic,
  text: row.text,
  html: row.html,
});

/** A mail that came in, and what was decided about it. */
export const inboundMail = (row: InboundMailRow): InboundMail => ({
  id: row.id,
  mailboxId: row.mailbox_id,
  transport: row.transport,
  envelopeFrom: row.envelope_from,
  recipients: [...row.recipients],
  size: row.size,
  receivedAt: row.received_at.toISOString(),
  processedAt: iso(row.processed_at),
  outcome: row.outcome,
  ticketId: row.ticket_id,
  commentId: row.comment_id,
  matchedBy: row.matched_by,
  classification: row.classification,
  reason: row.reason,
  messageId: row.message_id,
  subject: row.subject,
  from: row.sender,
});
