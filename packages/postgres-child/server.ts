import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger } from 'pino';
import { sleep } from '#packages/kernel/retry.ts';
import type { SocketConnection } from './connection.ts';
import { PostgresChildError } from './errors.ts';
import type { Command } from './launch.ts';
import { followOutput, type Output } from './output.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { tryConnection } from './readiness.ts';

export type ServerExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** One run of the server, from spawn to exit. */
export type Server = {
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
  /** Fast shutdown, then a harder one; resolves when the process is gone. */
  stop(): Promise<void>;
};

const pollMs = 25;
const patienceMs = 5_000;
const fastStopTimeoutMs = 30_000;
const immediateStopTimeoutMs = 10_000;
const outputTimeoutMs = 500;

/** Starts the server and resolves when it answers a query; throws START_FAILED, with what it said, or ABORTED. */
export async function startServer(options: {
  command: Command;
  cluster: string;
  connection: SocketConnection;
  timeoutMs: number;
  log: Logger;
  signal: AbortSignal;
}): Promise<Server> {
  const { cluster, command, connection, log, signal, timeoutMs } = options;
  // A session of its own: Ctrl-C goes to the whole foreground process group, and SIGINT makes PostgreSQL shut down
  // at once, under the hands of a desk that is still draining. PostgreSQL cannot be told to ignore it.
  const child = spawn(command.file, command.args, {
    ...command.options,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const output = followOutput(child, log);
  const exited = exitOf(child);
  exited.catch(() => undefined); // Thrown where it is waited for, below.
  const server: Server = { pid: child.pid ?? 0, exited, stop: () => stopServer(child, exited, output) };
  const isOurs = async () => (await readPostmasterFile(cluster))?.pid === child.pid;
  const deadline = performance.now() + timeoutMs;
  const patience = setTimeout(
    () => log.info('postgres is still starting: it recovers what was not stopped'),
    patienceMs,
  );
  try {
    while (!((await tryConnection(connection)) && (await isOurs()))) {
      if (signal.aborted) throw new PostgresChildError('ABORTED', 'The start of PostgreSQL was broken off.');
      if (performance.now() > deadline) throw startFailed(`no answer within ${timeoutMs} ms`);
      if (await within(pollMs, exited)) throw await earlyExit(await exited, output);
    }
  } catch (error) {
    await server.stop();
    throw error instanceof PostgresChildError ? error : startFailed(String(error), error);
  } finally {
    clearTimeout(patience);
  }
  output.quiet(false);
  return server;
}

const startFailed = (how: string, cause?: unknown) =>
  new PostgresChildError('START_FAILED', `PostgreSQL did not start: ${how}`, cause);

async function earlyExit({ code, signal }: ServerExit, output: Output): Promise<PostgresChildError> {
  await within(outputTimeoutMs, output.ended); // The exit may be noticed before the last line.
  return startFailed(output.lastWords() ?? `exit ${code ?? signal}`);
}

function exitOf(child: ChildProcess): Promise<ServerExit> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(startFailed(cause.message, cause)));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** True when the event comes within the time; throws what it throws. */
async function within(timeoutMs: number, event: Promise<unknown>): Promise<boolean> {
  const enough = new AbortController();
  try {
    return await Promise.race([event.then(() => true), sleep(timeoutMs, enough.signal).then(() => false)]);
  } finally {
    enough.abort(); // A timer left behind would keep a finished process up.
  }
}

async function stopServer(child: ChildProcess, exited: Promise<ServerExit>, output: Output): Promise<void> {
  output.quiet(true);
  const steps = [
    { signal: 'SIGINT', timeoutMs: fastStopTimeoutMs }, // Ends sessions, writes a checkpoint.
    { signal: 'SIGQUIT', timeoutMs: immediateStopTimeoutMs }, // As if the power had gone: recovers at the next start.
    { signal: 'SIGKILL', timeoutMs: immediateStopTimeoutMs },
  ] as const;
  for (const { signal, timeoutMs } of steps) {
    child.kill(signal);
    if (await within(timeoutMs, exited)) return;
  }
  throw new PostgresChildError('SERVER_STUCK', `PostgreSQL (process ${child.pid}) does not stop: end it.`);
}
