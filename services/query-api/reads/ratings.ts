import { type Kysely, sql } from 'kysely';
import { Type } from 'typebox';
import { decodeCursor } from '#packages/http/cursor.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { RatingRow, ReadDatabase } from '#packages/read-db/tables.ts';
import { boundsOf, type Period } from './kpi.ts';
import { after, KeyInstant, KeyInteger, type Page, pageOf } from './paging.ts';

/** From this score on a customer counts as satisfied. */
const satisfiedFrom = 4;

const ratingsOf = (db: Kysely<ReadDatabase>, period: Period) => {
  const { start, end } = boundsOf(period);
  const query = db.selectFrom('ratings').where('rated_at', '>=', start).where('rated_at', '<', end);
  const { group } = period;
  if (group === undefined) return query;
  return group === 'none' ? query.where('ratings.group_id', 'is', null) : query.where('ratings.group_id', '=', group);
};

const count = sql<number>`count(*)::int`;
const average = sql<number | null>`round(avg(score), 2)::float8`;

/** Ratings given in a period, summed up; the group is the one that had the ticket when it was solved. */
export async function satisfaction(db: Kysely<ReadDatabase>, period: Period) {
  const ratings = ratingsOf(db, period);
  const [all, byScore, byAgent] = await Promise.all([
    onReadDb(() =>
      ratings
        .select([
          count.as('ratings'),
          average.as('averageScore'),
          sql<number>`count(*) filter (where score >= ${satisfiedFrom})::int`.as('satisfied'),
        ])
        .executeTakeFirstOrThrow(),
    ),
    onReadDb(() =>
      ratings
        .groupBy('score')
        .select(['score', count.as('ratings')])
        .execute(),
    ),
    onReadDb(() =>
      ratings
        .groupBy('agent_id')
        .select(['agent_id', count.as('ratings'), sql<number>`round(avg(score), 2)::float8`.as('averageScore')])
        .orderBy('ratings', 'desc')
        .orderBy('agent_id')
        .limit(200)
        .execute(),
    ),
  ]);
  return { ...all, byScore, byAgent };
}

export type RatedRow = RatingRow & { number: number; subject: string };

const Key = Type.Tuple([KeyInstant, Type.String({ format: 'uuid' }), KeyInteger]);

/** One page of the ratings of a period, the newest first. */
export async function ratingList(
  db: Kysely<ReadDatabase>,
  ask: { period: Period; score?: number; limit: number; cursor?: string },
): Promise<Page<RatedRow>> {
  const { cursor, limit, period, score } = ask;
  const scope = { list: 'ratings', ...period, score: score ?? null };
  const columns = [sql.ref('ratings.rated_at'), sql.ref('ratings.ticket_id'), sql.ref('ratings.round')];
  let query = ratingsOf(db, period)
    .innerJoin('tickets', 'tickets.id', 'ratings.ticket_id')
    .selectAll('ratings')
    .select(['tickets.number', 'tickets.subject'])
    .orderBy('ratings.rated_at', 'desc')
    .orderBy('ratings.ticket_id', 'desc')
    .orderBy('ratings.round', 'desc')
    .limit(limit + 1);
  if (score !== undefined) query = query.where('ratings.score', '=', score);
  if (cursor !== undefined) query = query.where(after('desc', columns, decodeCursor(scope, cursor, Key)));
  const rows = await onReadDb(() => query.execute());
  return pageOf(rows, {
    limit,
    scope,
    keysOf: ({ rated_at, ticket_id, round }) => [rated_at.toISOString(), ticket_id, round],
  });
}
