import type pg from 'pg';
import { migrate } from '#packages/postgres/migrate.ts';

/** Brings the tables of the bus up to date: places of consumers and of the relay, and dead letters. */
export const migrateMessageBus = (pool: pg.Pool): Promise<void> =>
  migrate(pool, 'message-bus', new URL('migrations/', import.meta.url));
