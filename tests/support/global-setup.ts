import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import { startPostgresChild } from '#packages/postgres-child/child.ts';
import { lockDataDir } from '#packages/postgres-child/data-dir-lock.ts';
import { errnoOf, PostgresChildError } from '#packages/postgres-child/errors.ts';
import { clusterOf } from '#packages/postgres-child/layout.ts';
import { endOrphans } from '#packages/postgres-child/orphans.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run, connected to a database that is there already. */
    postgres: PostgresConnection;
  }
}

const prefix = 'deskledger-tests-';
const freshMs = 60_000;
/** Statements that a test makes fail on purpose are warnings of the server: they would bury what matters. */
const log = pino({ level: 'error' });

/** One PostgreSQL server per test run: the one of TEST_DATABASE_URL, else an embedded one without fsync. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const connectionString = process.env['TEST_DATABASE_URL'];
  if (connectionString) {
    project.provide('postgres', { connectionString });
    return async () => undefined;
  }
  await removeLeftovers();
  const dataDir = await mkdtemp(join(tmpdir(), prefix));
  const remove = () => rm(dataDir, { recursive: true, force: true });
  try {
    const server = await startPostgresChild({ dataDir, log, durable: false });
    project.provide('postgres', server.connection);
    return async () => {
      await server.stop();
      await remove();
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What a test run left that was killed: nobody holds its lock any more, but its server may still be there. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const dataDir = join(tmpdir(), name);
    try {
      if (Date.now() - (await stat(dataDir)).mtimeMs < freshMs) continue; // Another run may just be about to lock it.
      const lock = lockDataDir(dataDir);
      await endOrphans(clusterOf(dataDir), log);
      await rm(dataDir, { recursive: true, force: true });
      lock.release();
    } catch (error) {
      // In use, another user's, or being removed by another run just now: not ours to remove.
      if (!(error instanceof PostgresChildError) && errnoOf(error) === '') throw error;
    }
  }
}
