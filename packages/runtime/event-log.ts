import type pg from 'pg';
import type { Logger } from 'pino';
import type { Codec } from '#packages/event-store/codec.ts';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { createPostgresEventStore, migrateEventLog } from '#packages/event-store/postgres/store.ts';
import { ConfigError } from '#packages/kernel/config.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';

/** Where the event log is: in EventStoreDB when that has an address, otherwise in the desk's PostgreSQL. */
export type LogAddress = { readonly connection: PostgresConnection; readonly eventStoreUrl: string | undefined };

/**
 * Opens the event log of a desk. A log in PostgreSQL must have been made ready by `openEventLog` before. Throws
 * ConfigError for an address that cannot be used.
 */
export function connectEventLog(
  { connection, eventStoreUrl: url }: LogAddress,
  options: { log: Logger; codec?: Codec },
): EventStore {
  if (url === undefined) return createPostgresEventStore({ connection, ...options });
  try {
    return createEventStoreDbEventStore({ url, ...options });
  } catch (error) {
    throw new ConfigError(`EVENTSTORE_URL: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Makes the event log ready and opens it. */
export async function openEventLog(
  address: LogAddress,
  { log, pool }: { log: Logger; pool: pg.Pool },
): Promise<EventStore> {
  if (address.eventStoreUrl === undefined) await migrateEventLog(pool);
  return connectEventLog(address, { log });
}
