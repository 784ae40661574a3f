import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { ReadDatabase } from './tables.ts';

/** Typed queries over the read models. Does not own the pool: whoever made the pool ends it. */
export const createReadDb = (pool: pg.Pool): Kysely<ReadDatabase> =>
  new Kysely<ReadDatabase>({ dialect: new PostgresDialect({ pool }) }).withSchema('read');
