import { createLogger } from '#packages/kernel/logging.ts';
import { type CommandSpec, exitCode, type Invocation, UsageError } from '../cli.ts';
import { type Desk, startDesk } from '../desk.ts';

export const start: CommandSpec = {
  usage: 'start',
  summary: 'run the whole desk until Ctrl-C or SIGTERM',
  about: 'All services in one process, on embedded PostgreSQL below DATA_DIR or on DATABASE_URL.',
  logLevel: 'info',
  run: (invocation) => runDesk(invocation),
};

/** Starts the desk, says where it is, does `work` beside it, and stays until asked to stop or the database is lost. */
export async function runDesk(invocation: Invocation, work?: (desk: Desk) => Promise<void>): Promise<number> {
  const { config, positionals, signal, stderr, stdout } = invocation;
  if (positionals.length > 0) throw new UsageError(`unexpected "${positionals[0]}"`);
  const log = createLogger({ name: 'desk', level: config.LOG_LEVEL, destination: stderr });
  const begun = performance.now();
  let desk: Desk;
  try {
    desk = await startDesk(config, { log, signal });
  } catch (error) {
    if (signal.aborted) return exitCode.done;
    throw error;
  }
  const asked = new Promise<'asked'>((resolve) => {
    if (signal.aborted) resolve('asked');
    signal.addEventListener('abort', () => resolve('asked'), { once: true });
  });
  try {
    stdout.write(banner(desk, performance.now() - begun));
    const working = work?.(desk) ?? Promise.resolve();
    // The work may fail (say, a port that answers nothing); then the desk goes down with it instead of looking fine.
    const ended = await Promise.race([asked, desk.lost.then(() => 'lost' as const), working.then(() => asked)]);
    if (ended === 'lost') stderr.write('desk: the database is gone and could not be restarted; see the log above\n');
    else stdout.write('Stopping …\n');
    return ended === 'lost' ? exitCode.environment : exitCode.done;
  } finally {
    if (!(await desk.stop())) stderr.write('desk: some part did not stop cleanly; see the log above\n');
    stdout.write('Stopped.\n');
  }
}

function banner({ adminToken, outgoingMail, smtpAddress, url }: Desk, tookMs: number): string {
  const token = adminToken
    ? `\n  First admin token   ${adminToken}\n                      It is shown this once. More: npm run --silent desk -- token admin\n`
    : '';
  return `Deskledger is ready after ${(tookMs / 1000).toFixed(1)} s.

  Front page          ${url}/
  API reference       ${url}/docs
  Mail intake         smtp://${smtpAddress}
  Outgoing mail       ${outgoingMail}
${token}
`;
}
