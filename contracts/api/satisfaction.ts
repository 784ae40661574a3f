import { type Static, Type } from 'typebox';
import { Instant, Nullable, OneOf, Score, Strict, Uuid } from '../primitives.ts';
import { GroupRef, IdOr, PersonRef, pageOf, paging } from './common.ts';

const Day = Type.String({ format: 'date', description: 'UTC day, inclusive' });
const period = {
  from: Type.Optional({ ...Day, description: 'first UTC day; default: 29 days before `to`' }),
  to: Type.Optional({ ...Day, description: 'last UTC day, inclusive; default: today' }),
  group: Type.Optional(IdOr('none')),
};

export const SatisfactionReport = Type.Object(
  {
    from: Day,
    to: Day,
    group: Nullable(GroupRef),
    computedAt: Instant,
    csi: Nullable(Type.Number({ description: 'satisfied ratings among all, 0 to 1; null when there are none' })),
    averageScore: Nullable(Type.Number({ description: 'of 1 to 5' })),
    ratings: Type.Integer(),
    solutions: Type.Integer({ description: 'how often a ticket was resolved in the period' }),
    byScore: Type.Array(Type.Object({ score: Score, ratings: Type.Integer() }, { title: 'RatingsOfScore' })),
    byAgent: Type.Array(
      Type.Object(
        { agent: Nullable(PersonRef), ratings: Type.Integer(), averageScore: Type.Number() },
        { title: 'RatingsOfAgent' },
      ),
    ),
    definition: Type.String({ description: 'what exactly is counted' }),
    href: Type.String({ description: 'the ratings behind the figures' }),
  },
  { title: 'SatisfactionReport' },
);
export type SatisfactionReport = Static<typeof SatisfactionReport>;

export const Rating = Type.Object(
  {
    ticket: Type.Object({ id: Uuid, number: Type.Integer(), subject: Type.String() }, { title: 'RatedTicket' }),
    round: Type.Integer({ description: 'which solution of the ticket' }),
    score: Score,
    comment: Nullable(Type.String()),
    rater: PersonRef,
    via: OneOf(['link', 'api']),
    ratedAt: Instant,
    solvedAt: Instant,
    group: Nullable(GroupRef),
    agent: Nullable(PersonRef),
  },
  { title: 'Rating' },
);
export type Rating = Static<typeof Rating>;
export const RatingPage = pageOf('RatingPage', Rating);

export const SatisfactionQuery = Strict(period);
export type SatisfactionQuery = Static<typeof SatisfactionQuery>;
export const RatingsQuery = Strict({ ...period, score: Type.Optional(Score), ...paging });
export type RatingsQuery = Static<typeof RatingsQuery>;
