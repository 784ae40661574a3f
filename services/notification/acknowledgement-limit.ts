import { type Kysely, sql } from 'kysely';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

/**
 * Acknowledgements that one address gets within the window. Two programs that answer each other without saying that they
 * are programs stop here; a person who reports three things in a row hears of each.
 */
export const acknowledgementLimit = { mails: 5, minutes: 60 } as const;

/** True when an address has had as many acknowledgements as it may, in the window before an instant (RFC 3339). */
export const isAcknowledgedEnough = (db: Kysely<ReadDatabase>, address: string, at: string): Promise<boolean> =>
  onReadDb(async () => {
    const since = Temporal.Instant.from(at).subtract({ minutes: acknowledgementLimit.minutes });
    const { count } = await db
      .selectFrom('outbound_mail')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where('queued_at', '>', new Date(since.epochMilliseconds))
      .where('template', '=', 'acknowledgement')
      .where(sql<boolean>`recipients @> array[${address}]::text[]`)
      .executeTakeFirstOrThrow();
    return count >= BigInt(acknowledgementLimit.mails);
  });
