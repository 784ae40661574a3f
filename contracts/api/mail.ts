import { type Static, Type } from 'typebox';
import { mailTemplates } from '../events/mail.ts';
import { Instant, Nullable, OneOf, Strict, Uuid } from '../primitives.ts';
import { pageOf, paging } from './common.ts';

export const outboundStates = ['queued', 'sent', 'deferred', 'failed'] as const;

const outbound = {
  id: Uuid,
  ticketId: Uuid,
  template: OneOf(mailTemplates),
  from: Type.String(),
  to: Type.Array(Type.String()),
  cc: Type.Array(Type.String()),
  subject: Type.String(),
  messageId: Type.String(),
  state: OneOf(outboundStates),
  attempts: Type.Integer(),
  queuedAt: Instant,
  nextAttemptAt: Nullable(Instant),
  finishedAt: Nullable(Instant),
  transport: Nullable(OneOf(['smtp', 'outbox'])),
  response: Nullable(Type.String({ description: 'what the receiving server said, or why it failed' })),
};
export const OutboundMailSummary = Type.Object(outbound, { title: 'OutboundMailSummary' });
export type OutboundMailSummary = Static<typeof OutboundMailSummary>;
export const OutboundMail = Type.Object(
  {
    ...outbound,
    inReplyTo: Nullable(Type.String()),
    references: Type.Array(Type.String()),
    automatic: Type.Boolean(),
    text: Type.String(),
    html: Nullable(Type.String()),
  },
  { title: 'OutboundMail' },
);
export type OutboundMail = Static<typeof OutboundMail>;
export const OutboundMailPage = pageOf('OutboundMailPage', OutboundMailSummary);
export const OutboxQuery = Strict({
  state: Type.Optional(OneOf(outboundStates)),
  ticket: Type.Optional(Uuid),
  ...paging,
});
export type OutboxQuery = Static<typeof OutboxQuery>;
export const MailParams = Strict({ mail: Uuid });

export const inboundOutcomes = ['ticket-created', 'comment-added', 'ignored', 'quarantined'] as const;
export const InboundMail = Type.Object(
  {
    id: Uuid,
    mailboxId: Type.String(),
    transport: OneOf(['smtp', 'imap']),
    envelopeFrom: Nullable(Type.String()),
    recipients: Type.Array(Type.String()),
    size: Type.Integer({ description: 'bytes' }),
    receivedAt: Instant,
    processedAt: Nullable(Instant),
    outcome: Nullable(OneOf(inboundOutcomes)),
    ticketId: Nullable(Uuid),
    commentId: Nullable(Uuid),
    matchedBy: Nullable(Type.String({ description: 'how the ticket was found' })),
    classification: Nullable(Type.String()),
    reason: Nullable(Type.String({ description: 'why it was decided so' })),
    messageId: Nullable(Type.String()),
    subject: Nullable(Type.String()),
    from: Nullable(Type.String()),
  },
  { title: 'InboundMail' },
);
export type InboundMail = Static<typeof InboundMail>;
export const InboundMailPage = pageOf('InboundMailPage', InboundMail);
export const InboxQuery = Strict({
  outcome: Type.Optional(OneOf([...inboundOutcomes, 'undecided'])),
  ...paging,
});
export type InboxQuery = Static<typeof InboxQuery>;
