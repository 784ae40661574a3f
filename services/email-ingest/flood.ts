import type { Kysely } from 'kysely';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

export const floodReadModels = ['inbound-mail'] as const;

/** New tickets that one address may open within the window; more is a loop or a machine gone wrong. */
export const floodLimit = { tickets: 20, minutes: 60 } as const;

/**
 * True when an address has opened as many tickets as it may, in the window before a mail came in. Counted by when the
 * mails came, not by when they were worked on: after an outage the work of hours is done in minutes.
 */
export const isFlood = (db: Kysely<ReadDatabase>, address: string, receivedAt: string): Promise<boolean> =>
  onReadDb(async () => {
    const until = Temporal.Instant.from(receivedAt);
    const since = until.subtract({ minutes: floodLimit.minutes });
    const { count } = await db
      .selectFrom('inbound_mail')
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .where('outcome', '=', 'ticket-created')
      .where('received_at', '>', new Date(since.epochMilliseconds))
      .where('received_at', '<=', new Date(until.epochMilliseconds))
      .where('sender', '=', address)
      .executeTakeFirstOrThrow();
    return count >= BigInt(floodLimit.tickets);
  });
