import { type Static, Type } from 'typebox';
import { OneOf, Sha256, Strict, Uuid } from '../primitives.ts';
import { Message } from './message.ts';

/** Somebody, or everybody in a group, whom a comment calls upon. They hear of it and may read the ticket. */
export const Mention = Strict({ kind: OneOf(['person', 'group']), id: Uuid });
export type Mention = Static<typeof Mention>;

export const Mentions = Type.Array(Mention, { maxItems: 50 });

const offset = Type.Integer({ minimum: 0, maximum: 500_000 });

/** What is taken out of a message. Places are UTF-16 code units of its text as it was stored. */
export const RedactedPart = Type.Union([
  Strict({ kind: Type.Literal('whole') }),
  Strict({
    kind: Type.Literal('text'),
    from: offset,
    to: { ...offset, description: 'the first place that stays; the HTML twin goes as a whole' },
  }),
  Strict({ kind: Type.Literal('attachment'), blob: Sha256 }),
]);
export type RedactedPart = Static<typeof RedactedPart>;

const Place = {
  commentId: Uuid,
  version: Type.Integer({ minimum: 1, description: 'of the event of this stream by which the message came here' }),
};

/** What is done to a message after it was said. The earlier words stay in the log and are shown to nobody but auditors. */
export const conversationEvents = {
  TicketCommentEdited: Strict({ ...Place, message: Message, by: Uuid }),
  TicketCommentRedacted: Strict({
    ...Place,
    eventId: { ...Uuid, description: 'of the event that the message first came by, the same through all moves' },
    heldBy: Type.Integer({ minimum: 1, description: 'version of the event of this stream that the places are of' }),
    parts: Type.Array(RedactedPart, { minItems: 1, maxItems: 100 }),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
    by: Uuid,
  }),
} as const;
