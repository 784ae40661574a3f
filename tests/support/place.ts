import type pg from 'pg';

/** Moves the place that is stored for a consumer or the relay, as an operator may. */
export const placeSetter = (pool: pg.Pool) => async (name: string, position: bigint) => {
  await pool.query('update desk.followers set position = $2 where name = $1', [name, position]);
};

/** Leaves the note of a process that serves a consumer, as one does that has vanished. */
export const vanisher = (pool: pg.Pool) => async (name: string) => {
  await pool.query('update desk.followers set holder = gen_random_uuid() where name = $1', [name]);
};
