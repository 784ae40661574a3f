import type pg from 'pg';
import type { Logger } from 'pino';
import { migrate } from '#packages/postgres/migrate.ts';
import { createPool, type PostgresConnection } from '#packages/postgres/pool.ts';
import { type Codec, codec as newest } from '../codec.ts';
import type { EventStore, LogPage } from '../port.ts';
import { createAppender } from './append.ts';
import { createReader } from './reads.ts';
import { createWakeups, follow } from './subscription.ts';

const readConnections = 8;
/** Short, so that a batch stuck behind a lock is tried again within the deadline of its appends. */
const statementTimeoutMs = 4_000;

/** Creates or updates the tables of the log (schema `log`). Call it before the store is used; safe to race. */
export const migrateEventLog = (pool: pg.Pool): Promise<void> =>
  migrate(pool, 'event-log', new URL('./migrations/', import.meta.url));

/**
 * The event log in PostgreSQL. Several processes may write to one database. Owns its connections; `close` waits for
 * appends that were taken, ends subscriptions, and refuses what comes later with `STORE_UNAVAILABLE`.
 */
export function createPostgresEventStore(options: {
  connection: PostgresConnection;
  log: Logger;
  codec?: Codec;
  /** How long one append may take with all retries, ms. */
  appendDeadlineMs?: number;
}): EventStore {
  const { connection, log, codec = newest, appendDeadlineMs = 10_000 } = options;
  const writing = createPool({ connection, log, name: 'log append', max: 1, statementTimeoutMs });
  const reading = createPool({ connection, log, name: 'log read', max: readConnections });
  const appender = createAppender(writing, appendDeadlineMs);
  const reader = createReader(reading);
  const wakeups = createWakeups(connection, log);
  const closing = new AbortController();

  const decoded = (page: LogPage): LogPage => ({ ...page, events: page.events.map(codec.decode) });

  const close = async () => {
    closing.abort();
    await Promise.all([appender.close(), wakeups.close()]);
    await Promise.all([writing.end(), reading.end()]);
  };
  let closed: Promise<void> | undefined;

  return {
    append: appender.append,
    head: reader.head,
    readStream: async (stream, range) => (await reader.readStream(stream, range)).map(codec.decode),
    readAll: async (after, filter) => decoded(await reader.readAll(after, filter)),
    async *subscribe(after, filter) {
      const signal = AbortSignal.any([filter.signal, closing.signal]);
      for await (const page of follow({ reader, wakeups, log }, after, { ...filter, signal })) yield decoded(page);
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}
