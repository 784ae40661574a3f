import { Type } from 'typebox';
import { Instant, Nullable, OneOf, Score, Strict, Uuid } from '../primitives.ts';

/** What customers think of how their tickets were solved. */
export const satisfactionEvents = {
  TicketRated: Strict({
    round: Type.Integer({ minimum: 1, description: 'which solution: 1 for the first time the ticket was resolved' }),
    score: Score,
    comment: Nullable(Type.String({ minLength: 1, maxLength: 5_000 })),
    raterId: Uuid,
    via: OneOf(['link', 'api'], { description: 'link: whoever held the signed link that was mailed to the requester' }),
    groupId: Nullable({ ...Uuid, description: 'who had the ticket when it was solved' }),
    agentId: Nullable(Uuid),
    solvedAt: Instant,
  }),
} as const;
