import type { Queues } from '#contracts/api/queues.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { QueryApiDeps } from './deps.ts';
import { emptyQueue, readQueues, sumOf } from './reads/queues.ts';

/** All queues as one person sees them: every group in order of name, then the tickets that no group has. */
export async function queuesFor({ db, clock }: QueryApiDeps, personId: string): Promise<Queues> {
  const now = clock.now();
  const [counts, groups] = await Promise.all([
    readQueues(db, { personId, now: new Date(now.epochMilliseconds) }),
    onReadDb(() => db.selectFrom('groups').select(['id', 'name']).orderBy('name').orderBy('id').execute()),
  ]);
  const queues = [...groups, null].map((group) => ({
    group,
    counts: counts.get(group?.id ?? null) ?? emptyQueue,
    href: `/v1/tickets?open=true&group=${group?.id ?? 'none'}`,
  }));
  return { at: toTimestamp(now), queues, total: sumOf(counts.values()) };
}
