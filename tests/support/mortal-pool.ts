import type pg from 'pg';
import { AppError } from '#packages/kernel/errors.ts';

/** A database pool of a process that dies: `dead` says whether it has. */
export type MortalPool = { readonly pool: pg.Pool; readonly dead: () => boolean };

/**
 * The pool as a process sees it that dies at its n-th statement, before sending it or before hearing the answer. From
 * then on nothing it does reaches the database, and its open transactions end as those of a dead process do.
 */
export function createMortalPool(
  pool: pg.Pool,
  { dieAt, when }: { dieAt: number; when: 'before' | 'after' },
): MortalPool {
  let statements = 0;
  const dead = () => statements >= dieAt;
  const death = () => new AppError('READ_MODEL_UNAVAILABLE', { detail: 'the process is dead' });

  const query = async (target: pg.Pool | pg.PoolClient, statement: never, values: never): Promise<unknown> => {
    if (dead()) throw death();
    statements += 1;
    if (dead() && when === 'before') throw death();
    const result = await target.query(statement, values);
    if (dead()) throw death();
    return result;
  };

  const connect = async () => {
    if (dead()) throw death();
    const client = await pool.connect();
    return {
      query: (statement: never, values: never) => query(client, statement, values),
      release: (broken?: boolean) => client.release(broken || dead()),
    };
  };

  const mortal = { connect, query: (statement: never, values: never) => query(pool, statement, values) };
  return { pool: mortal as unknown as pg.Pool, dead };
}
