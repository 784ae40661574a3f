import { type Static, Type } from 'typebox';
import { Address, Nullable, Sha256, Strict, Uuid } from '../primitives.ts';

export const Attachment = Strict({
  blob: Sha256,
  name: Type.String({ minLength: 1, maxLength: 255 }),
  mediaType: Type.String({ maxLength: 255 }),
  size: Type.Integer({ minimum: 0, description: 'bytes' }),
  contentId: Nullable(Type.String({ maxLength: 998, description: 'RFC 2392, without angle brackets' })),
  inline: Type.Boolean(),
});
export type Attachment = Static<typeof Attachment>;

/** What is needed of the mail a message came in by, to thread and answer it (RFC 5322 3.6.4). Ids are without <>. */
export const MailHeaders = Strict({
  inboundMailId: Uuid,
  messageId: Nullable(Type.String()),
  inReplyTo: Type.Array(Type.String()),
  references: Type.Array(Type.String()),
  from: Address,
  to: Type.Array(Address),
  cc: Type.Array(Address),
  automatic: Type.Boolean({ description: 'an auto-reply, bounce or list mail: it never triggers mail by itself' }),
});
export type MailHeaders = Static<typeof MailHeaders>;

/** One message of a conversation. `html` is sanitised before it enters the log; `text` is its plain twin. */
export const Message = Strict({
  text: Type.String({ maxLength: 500_000 }),
  html: Nullable(Type.String({ maxLength: 500_000 })),
  attachments: Type.Array(Attachment, { maxItems: 100 }),
  mail: Nullable(MailHeaders),
});
export type Message = Static<typeof Message>;
