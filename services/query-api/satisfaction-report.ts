import type { Rating, RatingsQuery, SatisfactionQuery, SatisfactionReport } from '#contracts/api/satisfaction.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import type { QueryApiDeps } from './deps.ts';
import { periodOf } from './kpi-report.ts';
import { daily } from './reads/kpi.ts';
import { loadNames } from './reads/names.ts';
import { ratingList, satisfaction } from './reads/ratings.ts';

/** What the figures of satisfaction count, in words. */
export const satisfactionDefinition =
  'CSI. Ratings given in the period, the newest of each solution; satisfied are scores of 4 and 5. Group and agent are ' +
  'those that had the ticket when it was solved. A ticket that was reopened and solved again can be rated again.';

const scores = [1, 2, 3, 4, 5] as const;

/** Figures of satisfaction of a period, computed from the same rows that the list of ratings shows. */
export async function satisfactionReport(
  { db, clock }: QueryApiDeps,
  query: SatisfactionQuery,
): Promise<SatisfactionReport> {
  const now = clock.now();
  const period = periodOf(query, now);
  const groupId = period.group === undefined || period.group === 'none' ? null : period.group;
  const [figures, days] = await Promise.all([satisfaction(db, period), daily(db, period)]);
  const names = await loadNames(db, { groups: [groupId], people: figures.byAgent.map(({ agent_id }) => agent_id) });
  const parameters = new URLSearchParams({
    from: period.from,
    to: period.to,
    ...(period.group !== undefined && { group: period.group }),
  });
  return {
    from: period.from,
    to: period.to,
    group: names.group(groupId),
    computedAt: toTimestamp(now),
    csi: figures.ratings === 0 ? null : figures.satisfied / figures.ratings,
    averageScore: figures.averageScore,
    ratings: figures.ratings,
    solutions: days.reduce((sum, { resolved }) => sum + resolved, 0),
    byScore: scores.map((score) => ({
      score,
      ratings: figures.byScore.find((row) => row.score === score)?.ratings ?? 0,
    })),
    byAgent: figures.byAgent.map(({ agent_id, ratings, averageScore }) => ({
      agent: names.personOrNull(agent_id),
      ratings,
      averageScore,
    })),
    definition: satisfactionDefinition,
    href: `/v1/reports/satisfaction/ratings?${parameters.toString()}`,
  };
}

/** One page of ratings with what was said, the newest first. */
export async function ratingsBehind(
  { db, clock }: QueryApiDeps,
  { limit = 50, cursor, score, ...query }: RatingsQuery,
): Promise<{ items: Rating[]; cursor: string | null }> {
  const period = periodOf(query, clock.now());
  const page = await ratingList(db, {
    period,
    limit,
    ...(score !== undefined && { score }),
    ...(cursor !== undefined && { cursor }),
  });
  const names = await loadNames(db, {
    people: page.rows.flatMap(({ agent_id, rater_id }) => [agent_id, rater_id]),
    groups: page.rows.map(({ group_id }) => group_id),
  });
  const items = page.rows.map((row) => ({
    ticket: { id: row.ticket_id, number: row.number, subject: row.subject },
    round: row.round,
    score: row.score,
    comment: row.comment,
    rater: names.person(row.rater_id),
    via: row.via,
    ratedAt: row.rated_at.toISOString(),
    solvedAt: row.solved_at.toISOString(),
    group: names.group(row.group_id),
    agent: names.personOrNull(row.agent_id),
  }));
  return { items, cursor: page.cursor };
}
