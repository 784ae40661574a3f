import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { retry } from '#packages/kernel/retry.ts';
import { installedBinariesDir, resolveBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import { databaseName, databaseUser, type SocketConnection } from './connection.ts';
import { lockDataDir } from './data-dir-lock.ts';
import { PostgresChildError } from './errors.ts';
import { prepareDataDir, prepareHome } from './home.ts';
import { type Command, chooseLauncher } from './launch.ts';
import { endOrphans } from './orphans.ts';
import { startServer } from './server.ts';
import { serverArgs } from './settings.ts';
import { prepareSocketDir, socketPort } from './socket-dir.ts';
import { type ChildExit, type ChildStatus, supervise } from './supervisor.ts';

export type PostgresChildOptions = {
  /** The desk's data directory; PostgreSQL lives in its `postgres` folder. Created when missing. */
  readonly dataDir: string;
  readonly log: Logger;
  /** Longest wait for the first answer, crash recovery included. */
  readonly startTimeoutMs?: number;
  /** Breaks off the start. */
  readonly signal?: AbortSignal;
  /** Called on every change of `status()`. */
  readonly onStatus?: (status: ChildStatus) => void;
  /** The `native` folder of a binary package, when not the installed one. */
  readonly binariesDir?: string;
  /** False gives up durability for speed: only for tests that do not test it. */
  readonly durable?: boolean;
};

export type PostgresChild = {
  readonly connection: SocketConnection;
  status(): ChildStatus;
  /** Process id of the running server; undefined while there is none. */
  pid(): number | undefined;
  /** Restarts since the first start. */
  restarts(): number;
  /** Shuts the server down and frees the data directory; resolves when nothing is left running. */
  stop(): Promise<void>;
  /** Resolves once, when the server is down for good: after `stop()`, or unexpectedly when restarting was given up. */
  readonly exited: Promise<ChildExit>;
};

/**
 * What an earlier server left may be out of sight: sessions where they cannot be listed (macOS), a postmaster that has
 * yet to write its file. PostgreSQL then refuses to start, until they have ended or can be seen.
 */
const whileOccupied = {
  attempts: 30,
  minMs: 200,
  maxMs: 1_000,
  retryable: (error: unknown) =>
    error instanceof PostgresChildError &&
    error.reason === 'START_FAILED' &&
    /shared memory block|lock file/.test(error.message),
};

/**
 * Starts the embedded PostgreSQL on `<dataDir>/postgres` and keeps it running; the cluster is created on the first start.
 * Resolves when a query was answered. Throws PostgresChildError, whose message is one line for the operator.
 */
export async function startPostgresChild(options: PostgresChildOptions): Promise<PostgresChild> {
  const { durable = true, log, onStatus, signal = new AbortController().signal, startTimeoutMs = 300_000 } = options;
  const dataDir = resolve(options.dataDir);
  await prepareDataDir(dataDir);
  const lock = lockDataDir(dataDir);
  try {
    const place = await prepareHome(dataDir);
    const { cluster, home, identity, linkDir } = place;
    const binaries = await resolveBinaries({ binariesDir: options.binariesDir ?? installedBinariesDir(), linkDir });
    const { launcher, major } = await chooseLauncher({ binaries, identity, home, log });
    await ensureCluster({ home, cluster, binaries, launcher, major, durable, log, signal });
    const connection: SocketConnection = {
      host: await prepareSocketDir(place),
      port: socketPort,
      user: databaseUser,
      database: databaseName,
    };
    const serve = launcher(binaries.postgres, serverArgs({ cluster, socketDir: connection.host, socketPort, durable }));
    const attempt = async (startSignal: AbortSignal) => {
      const command = withReusedPid(serve, (await endOrphans(cluster, log)).reusedPid);
      return startServer({ command, cluster, connection, timeoutMs: startTimeoutMs, log, signal: startSignal });
    };
    const start = (startSignal: AbortSignal) =>
      retry(() => attempt(startSignal), { ...whileOccupied, signal: startSignal });
    const onEnd = async () => {
      try {
        await endOrphans(cluster, log); // Sessions of a server that was killed just before.
      } catch (error) {
        log.error({ err: error }, 'something of postgres may still be running');
      }
      lock.release();
    };
    const supervisor = await supervise({ start, log, signal, onStatus, onEnd });
    return { connection, ...supervisor };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * PostgreSQL takes any live process of its user for the server that `postmaster.pid` names, except its parents. Told that
 * a process which provably is none is one of those (as pg_ctl does with itself), it goes on and makes its other checks.
 */
const withReusedPid = (command: Command, pid: number | undefined): Command =>
  pid === undefined
    ? command
    : { ...command, options: { ...command.options, env: { ...command.options.env, PG_GRANDPARENT_PID: String(pid) } } };
