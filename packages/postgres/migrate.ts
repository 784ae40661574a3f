import { readdir, readFile } from 'node:fs/promises';
import type pg from 'pg';
import { sleep } from '#packages/kernel/retry.ts';

/** How often a process that waits for another one's migrations asks whether they are done. */
const retryMs = 250;
/** Longest that one file may run, for the client; the server sets it no limit. A large table takes long to rewrite. */
const fileMs = 24 * 60 * 60 * 1_000;

const fileName = /^(\d{6})-[a-z0-9-]+\.sql$/;

/**
 * Brings the tables of one part of the desk up to date: runs the numbered `.sql` files of a folder that have not run
 * yet, each in a transaction of its own. Safe to call from several processes at once. Where all have run it only looks,
 * so that a service needs no right to change tables (infra/postgres/roles.sql). Throws on a file that is misnamed, and
 * when the database has migrations that this code does not know (an older desk on a newer database).
 * Waits for as long as another process migrates: the lock is its session's, and ends with it.
 */
export async function migrate(pool: pg.Pool, part: string, folder: URL): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const client = await pool.connect();
  try {
    if ((await pending(client, part, files)).size > 0) await apply(client, part, files, folder);
    client.release();
  } catch (error) {
    // Closing the connection rolls back and gives up the lock, whatever state it is in.
    client.release(true);
    throw error;
  }
}

/** Files that have not run, by number. */
async function pending(client: pg.ClientBase, part: string, files: readonly string[]): Promise<Map<number, string>> {
  const left = new Map(files.map((file) => [numberOf(file), file]));
  const registry = await client.query<{ there: boolean }>(
    `select exists (
       select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'desk' and c.relname = 'migrations'
     ) as there`,
  );
  if (!registry.rows[0]?.there) return left;
  const done = await client.query<{ number: number }>(`select number from desk.migrations where part = $1`, [part]);
  for (const { number } of done.rows) {
    if (!left.has(number))
      throw new Error(
        `the database holds migration ${number} of ${part}, which this version does not know; run a newer Deskledger`,
      );
    left.delete(number);
  }
  return left;
}

async function apply(client: pg.ClientBase, part: string, files: readonly string[], folder: URL): Promise<void> {
  // Session lock, not transaction lock: it spans the transactions of all files. Asked for again and again, as waiting
  // in one statement would end with the time limit of statements.
  while (!(await lock(client))) await sleep(retryMs);
  await client.query(`create schema if not exists desk`);
  await client.query(
    `create table if not exists desk.migrations
       (part text, number integer, file text not null, at timestamptz not null default now(), primary key (part, number))`,
  );
  // Once more, now that nobody else can be at it.
  for (const [number, file] of await pending(client, part, files)) {
    const sql = await readFile(new URL(file, folder), 'utf8');
    await client.query('begin');
    await client.query('set local statement_timeout = 0');
    await client.query(`insert into desk.migrations (part, number, file) values ($1, $2, $3)`, [part, number, file]);
    // The limit of the client is one that the types of pg leave out.
    const statements: pg.QueryConfig & { query_timeout: number } = { text: sql, query_timeout: fileMs };
    await client.query(statements);
    await client.query('commit');
  }
  await client.query(`select pg_advisory_unlock(hashtextextended('deskledger-migrate', 0))`);
}

async function lock(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ free: boolean }>(
    `select pg_try_advisory_lock(hashtextextended('deskledger-migrate', 0)) as free`,
  );
  return rows[0]?.free ?? false;
}

function numberOf(file: string): number {
  const number = fileName.exec(file)?.[1];
  if (!number) throw new Error(`migration ${file} is not named NNNNNN-what-it-does.sql`);
  return Number(number);
}
