import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { installedBinariesDir, resolveBinaries } from '#packages/postgres-child/binaries.ts';
import { ensureCluster } from '#packages/postgres-child/cluster.ts';
import { databaseUser } from '#packages/postgres-child/connection.ts';
import { prepareDataDir, prepareHome } from '#packages/postgres-child/home.ts';
import { chooseLauncher } from '#packages/postgres-child/launch.ts';
import { serverArgs } from '#packages/postgres-child/settings.ts';
import { prepareSocketDir, socketPort } from '#packages/postgres-child/socket-dir.ts';
import { freePort } from './free-port.ts';

const log = pino({ level: 'silent' });
const readyMs = 60_000;

/**
 * A PostgreSQL server of one test's own, reached over TCP as an external one is, that the test may kill and start again.
 * It asks the role `guest` (`let me in`) and those of infra/postgres for a password, and lets its own user in without one.
 * Not running at first.
 */
export async function preparePostgresServer(options: { dir?: string } = {}) {
  const dataDir = options.dir ?? (await mkdtemp(join(tmpdir(), 'deskledger-server-')));
  await prepareDataDir(dataDir);
  const place = await prepareHome(dataDir);
  const { cluster, home, identity, linkDir } = place;
  const binaries = await resolveBinaries({ binariesDir: installedBinariesDir(), linkDir });
  const { launcher, major } = await chooseLauncher({ binaries, identity, home, log });
  const { signal } = new AbortController();
  await ensureCluster({ home, cluster, binaries, launcher, major, durable: false, log, signal });
  const socketDir = await prepareSocketDir(place);
  const port = await freePort();
  const access = join(home, 'access.conf');
  await writeFile(
    access,
    'local all all trust\nhost all "/^(guest|desk_.*)$" 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n',
  );
  if (identity) await chown(access, identity.uid, identity.gid);
  // A commit must survive the end of the server, if not that of the machine: these tests are about what is lost.
  const durable = ['synchronous_commit=on', 'full_page_writes=on'];
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'max_connections=400',
    `hba_file=${access}`,
    ...durable,
  ];
  const args = [
    ...serverArgs({ cluster, socketDir, socketPort, durable: false }),
    ...settings.flatMap((setting) => ['-c', setting]),
  ];
  const url = (database = 'postgres', user = databaseUser, password = '') =>
    `postgres://${user}${password && `:${encodeURIComponent(password)}`}@127.0.0.1:${port}/${database}`;
  let child: ChildProcess | null = null;

  const query = async (text: string, database = 'postgres'): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url(database), connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined); // The statement in hand rejects as well.
    try {
      await client.connect();
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  const runs = (it: ChildProcess | null): it is ChildProcess =>
    it !== null && it.exitCode === null && it.signalCode === null;

  const start = async (): Promise<void> => {
    if (runs(child)) return;
    const command = launcher(binaries.postgres, args);
    child = spawn(command.file, command.args, { ...command.options, stdio: 'ignore', detached: true });
    const deadline = performance.now() + readyMs;
    for (;;) {
      try {
        await query('select 1');
        return;
      } catch (error) {
        if (performance.now() > deadline || child.exitCode !== null) throw error;
        await new Promise((done) => setTimeout(done, 50));
      }
    }
  };

  /** `SIGQUIT` ends it as a crash does, sessions included; `SIGINT` in order, cutting its sessions. */
  const stop = async (how: 'SIGQUIT' | 'SIGINT' = 'SIGQUIT'): Promise<void> => {
    if (!runs(child)) return;
    const ended = once(child, 'exit');
    child.kill(how);
    await ended;
  };

  return {
    url,
    query,
    start,
    stop,
    async remove(): Promise<void> {
      await stop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export type PostgresServer = Awaited<ReturnType<typeof preparePostgresServer>>;
