import { type Static, Type } from 'typebox';
import { Address, Instant, Nullable, OneOf, Sha256, Slug, Strict, Uuid } from '../primitives.ts';
import type { EventOf } from './envelope.ts';
import { Attachment } from './message.ts';

/** What came in, and what was decided about it. The raw message is in the blob store before the first event exists. */
export const inboundMailEvents = {
  InboundMailReceived: Strict({
    mailboxId: Slug,
    transport: OneOf(['smtp', 'imap']),
    envelopeFrom: Nullable(
      Type.String({ maxLength: 320, description: 'null for the null reverse-path <>, and over IMAP' }),
    ),
    recipients: Type.Array(Type.String({ maxLength: 320 })),
    remote: Type.String({ description: 'address of the peer, or the IMAP account' }),
    blob: Sha256,
    size: Type.Integer({ minimum: 0, description: 'bytes' }),
  }),
  InboundMailProcessed: Strict({
    outcome: OneOf(['ticket-created', 'comment-added', 'ignored', 'quarantined']),
    ticketId: Nullable(Uuid),
    commentId: Nullable(Uuid),
    matchedBy: OneOf(['in-reply-to', 'references', 'reply-address', 'subject-number', 'none']),
    classification: OneOf(['person', 'auto-reply', 'bounce', 'list', 'own', 'unparseable']),
    reason: Type.String({ description: 'one sentence for the person who asks why' }),
    messageId: Nullable(Type.String()),
    subject: Nullable(Type.String()),
    from: Nullable(Type.String()),
  }),
} as const;

/** What the desk writes by itself: that a request arrived, an agent's answer, how satisfied a requester is, that
 * somebody was mentioned, and to agents what was said on a ticket that they follow. */
export const mailTemplates = ['acknowledgement', 'reply', 'satisfaction', 'mention', 'follower'] as const;
export type MailTemplate = (typeof mailTemplates)[number];

/** A recipient whom the server refused for good. */
const RefusedRecipient = Strict({ address: Address, reason: Type.String() });
export type RefusedRecipient = Static<typeof RefusedRecipient>;
const Refused = Type.Optional(Type.Array(RefusedRecipient, { description: 'refused for good while others were not' }));

/** One mail that the desk sends: queued, then sent or given up, each step a fact. */
export const outboundMailEvents = {
  OutboundMailQueued: Strict({
    ticketId: Uuid,
    causeEventId: Uuid,
    template: OneOf(mailTemplates),
    from: Strict({ name: Type.String(), address: Address }),
    to: Type.Array(Address, { minItems: 1 }),
    cc: Type.Array(Address),
    replyTo: Nullable(Address),
    subject: Type.String(),
    messageId: Type.String({ description: 'fixed per mail, so that a resend after an unknown outcome is collapsible' }),
    inReplyTo: Nullable(Type.String()),
    references: Type.Array(Type.String()),
    automatic: Type.Boolean({ description: 'sent with Auto-Submitted: auto-replied (RFC 3834)' }),
    text: Type.String(),
    html: Nullable(Type.String()),
    attachments: Type.Array(Attachment),
  }),
  OutboundMailSent: Strict({
    transport: OneOf(['smtp', 'outbox']),
    response: Type.String(),
    attempt: Type.Integer(),
    refused: Refused,
  }),
  OutboundMailDeferred: Strict({
    attempt: Type.Integer(),
    reason: Type.String(),
    nextAttemptAt: Instant,
    taken: Type.Optional(Type.Array(Address, { description: 'these have it by now; it is not sent to them again' })),
    refused: Refused,
  }),
  OutboundMailFailed: Strict({ attempt: Type.Integer(), reason: Type.String() }),
} as const;

export type InboundMailEvent = EventOf<typeof inboundMailEvents>;
export type OutboundMailEvent = EventOf<typeof outboundMailEvents>;
