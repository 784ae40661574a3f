import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';

const fileName = /^(\d{6})-[a-z0-9-]+\.sql$/;

/**
 * Brings the tables of one part of the desk up to date: runs the numbered `.sql` files of a folder that have not run
 * yet, each in a transaction of its own. Safe to call from several processes at once. Throws on a file that is
 * misnamed, and when the database has migrations that this code does not know (an older desk on a newer database).
 */
export async function migrate(pool: pg.Pool, part: string, folder: URL): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const client = await pool.connect();
  try {
    // Session lock, not transaction lock: it spans the transactions of all files.
    await client.query(`select pg_advisory_lock(hashtextextended('deskledger-migrate', 0))`);
    await client.query(`create schema if not exists desk`);
    await client.query(
      `create table if not exists desk.migrations
         (part text, number integer, file text not null, at timestamptz not null default now(), primary key (part, number))`,
    );
    const done = await client.query<{ number: number }>(`select number from desk.migrations where part = $1`, [part]);
    const known = new Map(files.map((file) => [numberOf(file), file]));
    for (const { number } of done.rows) {
      if (!known.has(number))
        throw new Error(
          `the database holds migration ${number} of ${part}, which this version does not know; run a newer Deskledger`,
        );
      known.delete(number);
    }
    for (const [number, file] of known) {
      const sql = await readFile(new URL(file, folder), 'utf8');
      await client.query('begin');
      await client.query(`insert into desk.migrations (part, number, file) values ($1, $2, $3)`, [part, number, file]);
      await client.query(sql);
      await client.query('commit');
    }
    await client.query(`select pg_advisory_unlock(hashtextextended('deskledger-migrate', 0))`);
    client.release();
  } catch (error) {
    // Closing the connection rolls back and gives up the lock, whatever state it is in.
    client.release(true);
    throw error;
  }
}

function numberOf(file: string): number {
  const number = fileName.exec(file)?.[1];
  if (!number) throw new Error(`migration ${file} is not named NNNNNN-what-it-does.sql`);
  return Number(number);
}
