import { type Kysely, sql } from 'kysely';
import type { QueueCounts } from '#contracts/api/queues.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

const soonMs = 3_600_000;

/** Counts of open tickets per group (null: of none). Reads open tickets only, however many are closed. */
export async function readQueues(
  db: Kysely<ReadDatabase>,
  { personId, now }: { personId: string; now: Date },
): Promise<ReadonlyMap<string | null, QueueCounts>> {
  const counted = (condition: ReturnType<typeof sql>) => sql<number>`count(*) filter (where ${condition})::int`;
  const soon = new Date(now.getTime() + soonMs);
  const rows = await onReadDb(() =>
    db
      .selectFrom('tickets')
      .where('open', '=', true)
      .groupBy('group_id')
      .select([
        'group_id',
        sql<number>`count(*)::int`.as('total'),
        counted(sql`status = 'new'`).as('new'),
        counted(sql`status = 'open'`).as('open'),
        counted(sql`status = 'pending'`).as('pending'),
        counted(sql`status = 'on-hold'`).as('onHold'),
        counted(sql`agent_id is null`).as('unassigned'),
        counted(sql`breached`).as('breached'),
        counted(sql`due_at > ${now} and due_at <= ${soon}`).as('dueSoon'),
        counted(sql`agent_id = ${personId}`).as('mine'),
      ])
      .execute(),
  );
  return new Map(rows.map(({ group_id, ...counts }) => [group_id, counts]));
}

const nothing: QueueCounts = {
  total: 0,
  new: 0,
  open: 0,
  pending: 0,
  onHold: 0,
  unassigned: 0,
  breached: 0,
  dueSoon: 0,
  mine: 0,
};

/** The counts of all queues together. */
export function sumOf(queues: Iterable<QueueCounts>): QueueCounts {
  const sum = { ...nothing };
  for (const counts of queues) for (const key of Object.keys(sum) as (keyof QueueCounts)[]) sum[key] += counts[key];
  return sum;
}

export const emptyQueue = nothing;
