import { type Static, Type } from 'typebox';
import { Instant, Nullable, OneOf, Strict } from '../primitives.ts';

const visibility = OneOf(['public', 'internal']);
/** PostgreSQL keeps it in four bytes. */
const Version = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

export const KeepReplyDraft = Strict(
  {
    visibility,
    text: Type.String({ maxLength: 500_000, description: 'plain text so far, also none' }),
    html: Type.Optional(
      Type.String({
        maxLength: 500_000,
        description: 'the same as HTML, kept as it is and sanitised when it is said; upload images and name them',
      }),
    ),
    version: Type.Optional({ ...Version, description: 'of the ticket, as you saw it when you began' }),
  },
  { title: 'KeepReplyDraft' },
);
export type KeepReplyDraft = Static<typeof KeepReplyDraft>;

export const ReplyDraftView = Type.Object(
  {
    visibility,
    text: Type.String(),
    html: Nullable(Type.String({ description: 'as it was put: not sanitised' })),
    version: Nullable({ ...Version, description: 'of the ticket when it was begun; null: you did not say' }),
    ticketVersion: { ...Version, description: 'of the ticket now' },
    moved: Type.Boolean({
      description: 'a comment that names `version` in If-Match would be refused with what came between',
    }),
    keptAt: { ...Instant, description: 'when it was last put; forgotten 30 days later' },
  },
  { title: 'ReplyDraft' },
);
