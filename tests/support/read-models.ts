import type pg from 'pg';
import { type Logger, pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createPostgresEventStore, migrateEventLog } from '#packages/event-store/postgres/store.ts';
import { createPool } from '#packages/postgres/pool.ts';
import { migrateReadDb } from '#packages/read-db/migrate.ts';
import { createTestDatabase } from './postgres.ts';

/** Said only when asked for: tests provoke what gets logged. */
export const log: Logger = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

/** An event log and the registry of read models in a database of their own, gone after the test. */
export async function openDesk() {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const pool = createPool({ connection: database.connection, log, name: 'test', max: 6 });
  onTestFinished(() => pool.end());
  await migrateEventLog(pool);
  await migrateReadDb(pool);
  const store = createPostgresEventStore({ connection: database.connection, log });
  onTestFinished(() => store.close());
  return { connection: database.connection, pool, store };
}

/** All rows of a read view, in the order of their text, as PostgreSQL has them. */
export async function rowsOf(pool: pg.Pool, view: string): Promise<unknown[]> {
  const { rows } = await pool.query(`select to_jsonb(v) as row from read.${view} v order by to_jsonb(v)::text`);
  return rows.map(({ row }) => row);
}
