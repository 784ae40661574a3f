/**
 * A stand-in for the desk in a process of its own, so that a test can kill it: starts the embedded PostgreSQL in the
 * directory of the first argument (with the binaries of the second), prints one line of JSON when it is ready or why it
 * is not, stops it on SIGTERM, ignores SIGINT as a desk does that drains, and on SIGUSR2 exits without stopping it.
 */
import { pino } from 'pino';
import { startPostgresChild } from '#packages/postgres-child/child.ts';
import { PostgresChildError } from '#packages/postgres-child/errors.ts';

export type OwnerReport =
  | { readonly ready: true; readonly pid: number }
  | { readonly ready: false; readonly reason: string; readonly message: string };

const report = (line: OwnerReport) => process.stdout.write(`${JSON.stringify(line)}\n`);
const [dataDir = '', binariesDir] = process.argv.slice(2);

try {
  const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }));
  const child = await startPostgresChild({ dataDir, log, ...(binariesDir ? { binariesDir } : {}) });
  process.once('SIGTERM', () => void child.stop());
  process.on('SIGINT', () => undefined);
  process.once('SIGUSR2', () => process.exit(3));
  report({ ready: true, pid: child.pid() ?? 0 });
} catch (error) {
  if (!(error instanceof PostgresChildError)) throw error;
  report({ ready: false, reason: error.reason, message: error.message });
}
