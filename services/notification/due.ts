import { type Kysely, sql } from 'kysely';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

/** Mails waiting to be sent. Due is judged by the clock of the database, which all senders share. */
export function createDueMail(db: Kysely<ReadDatabase>) {
  const waiting = () => db.selectFrom('outbound_mail').where('state', 'in', ['queued', 'deferred']);
  return {
    /** Ids of mails that are due, the longest overdue first. */
    ids: (limit: number): Promise<readonly string[]> =>
      onReadDb(async () => {
        const rows = await waiting()
          .select('id')
          .where('next_attempt_at', '<=', sql<Date>`now()`)
          .orderBy('next_attempt_at')
          .orderBy('id')
          .limit(limit)
          .execute();
        return rows.map(({ id }) => id);
      }),
    /** Milliseconds until the next one is due; null when none waits. */
    msUntilNext: (): Promise<number | null> =>
      onReadDb(async () => {
        const row = await waiting()
          .select(sql<number | null>`(extract(epoch from min(next_attempt_at) - now()) * 1000)::float8`.as('ms'))
          .where('next_attempt_at', '>', sql<Date>`now()`)
          .executeTakeFirst();
        return row?.ms ?? null;
      }),
  };
}
