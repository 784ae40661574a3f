import { type Static, Type } from 'typebox';
import { Score, Strict } from '../primitives.ts';

const Comment = Type.String({ minLength: 1, maxLength: 5_000, pattern: '\\S' });

export const RateTicketBody = Strict(
  { score: Score, comment: Type.Optional(Comment) },
  { title: 'RateTicket', description: 'replaces what you said before of the same solution' },
);
export type RateTicketBody = Static<typeof RateTicketBody>;

/** The form behind the link of a mail: everything in it is text, an empty comment is none. */
export const RatingForm = Strict({
  score: Type.String({ pattern: '^[1-5]$' }),
  comment: Type.Optional(Type.String({ maxLength: 5_000 })),
});
