import type pg from 'pg';
import { migrate } from '#packages/postgres/migrate.ts';

/**
 * Makes the registry of projections and the schema of the read views. The tables and views of the read models
 * themselves are made by the projector, generation by generation.
 */
export const migrateReadDb = (pool: pg.Pool): Promise<void> =>
  migrate(pool, 'read-db', new URL('migrations/', import.meta.url));
