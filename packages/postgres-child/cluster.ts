import { spawn } from 'node:child_process';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Logger } from 'pino';
import type { Binaries } from './binaries.ts';
import { databaseUser } from './connection.ts';
import { errnoOf, PostgresChildError } from './errors.ts';
import type { Launcher } from './launch.ts';

const temporaryPrefix = 'initdb-';
const initdbTimeoutMs = 120_000;

type Options = {
  readonly home: string;
  readonly cluster: string;
  readonly binaries: Binaries;
  readonly launcher: Launcher;
  readonly major: number;
  readonly durable: boolean;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

/** Makes sure that a cluster of our major version is there; throws FOREIGN_MAJOR or NOT_A_CLUSTER for anything else found. */
export async function ensureCluster(options: Options): Promise<void> {
  const { cluster, major } = options;
  const found = await majorOf(cluster);
  if (found === undefined) return createCluster(options);
  if (found === String(major)) return;
  throw new PostgresChildError(
    'FOREIGN_MAJOR',
    `${cluster} was written by PostgreSQL ${found}, this desk brings PostgreSQL ${major}: start it with the desk version that wrote it and export there, or set DATA_DIR to a new directory.`,
  );
}

/** The major version that wrote this directory; undefined when it is missing or empty. */
async function majorOf(cluster: string): Promise<string | undefined> {
  try {
    return (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw notACluster(cluster, error);
  }
  try {
    if ((await readdir(cluster)).length > 0) throw notACluster(cluster);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  return undefined;
}

const notACluster = (cluster: string, cause?: unknown) =>
  new PostgresChildError(
    'NOT_A_CLUSTER',
    `${cluster} is neither empty nor a PostgreSQL cluster that this user can read: move it away, or set DATA_DIR to another directory.`,
    cause,
  );

/**
 * initdb works in a directory of its own that gets its name when all is on disk: killed at any moment, it leaves
 * either a whole cluster or none.
 */
async function createCluster(options: Options): Promise<void> {
  const { cluster, durable, home, log } = options;
  await removeLeftovers(home, log);
  const temporary = join(home, `${temporaryPrefix}${process.pid}-${Date.now()}`);
  await runInitdb(temporary, options);
  await rename(temporary, cluster);
  if (durable) await syncDirectory(home);
}

async function runInitdb(directory: string, { binaries, durable, launcher, signal }: Options): Promise<void> {
  const command = launcher(binaries.initdb, [
    `--pgdata=${directory}`,
    `--username=${databaseUser}`,
    '--encoding=UTF8',
    // Built in, so that sort order never depends on the machine's collations and their updates.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    // Who reaches the socket is in: its directory is closed to all but the server's user. Nobody comes by network.
    '--auth-local=trust',
    '--auth-host=reject',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ]);
  const child = spawn(command.file, command.args, {
    ...command.options,
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: AbortSignal.any([signal, AbortSignal.timeout(initdbTimeoutMs)]),
  });
  const failure = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, killer) => resolve(code === 0 ? undefined : `exit ${code ?? killer}`));
  });
  const [said, failed] = await Promise.all([text(child.stderr), failure]);
  if (failed === undefined) return;
  if (signal.aborted) throw new PostgresChildError('ABORTED', 'The start of PostgreSQL was broken off.');
  const lines = said.trim().split('\n');
  const message = (lines.find((line) => line.startsWith('initdb: error:')) ?? lines.at(-1)) || failed;
  throw new PostgresChildError('INITDB_FAILED', `PostgreSQL could not create its cluster in ${directory}: ${message}`);
}

/** What an initdb left that was killed. One that outlived its desk may still write: then the rest goes next time. */
async function removeLeftovers(home: string, log: Logger): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(temporaryPrefix)) continue;
    try {
      await rm(join(home, name), { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      log.warn({ err: error, name }, 'could not remove what an interrupted initdb left');
    }
  }
}

/** A rename is only lasting once the directory that holds the name is on disk. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
