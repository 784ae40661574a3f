import type pg from 'pg';

/**
 * Runs `work` in a transaction on a connection of its own: commits when it resolves, rolls back when it rejects, and
 * passes the error on. `begin` may bring settings along, e.g. `begin isolation level repeatable read`; with
 * `end: 'rollback'` nothing that `work` did stays.
 */
export async function transaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  { begin = 'begin', end = 'commit' }: { begin?: string; end?: 'commit' | 'rollback' } = {},
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query(end);
    return result;
  } catch (error) {
    // A connection that cannot even roll back is closed, which rolls back on the server.
    await client.query('rollback').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
