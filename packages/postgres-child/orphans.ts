import type { Logger } from 'pino';
import { PostgresChildError } from './errors.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { isAlive, serversOf, signalProcess, waitForEnd } from './process-info.ts';

const fastStopTimeoutMs = 60_000; // It writes a checkpoint first, or is still in crash recovery.
const killTimeoutMs = 10_000;

/**
 * Ends what an earlier desk left running on this cluster when it was killed. A postmaster is shut down rather than taken
 * over: the new desk then supervises a child of its own with its own binaries and settings, and there is one way to run.
 * `postmaster.pid` is never removed here; PostgreSQL judges it itself.
 *
 * Resolves to the id in that file when it now belongs to some other process, which PostgreSQL cannot tell from a server
 * and would refuse to start because of.
 */
export async function endOrphans(cluster: string, log: Logger): Promise<{ reusedPid?: number }> {
  const pid = (await readPostmasterFile(cluster))?.pid;
  const servers = await serversOf(cluster);
  if (pid !== undefined && servers.includes(pid)) {
    log.warn(
      { postgresPid: pid },
      'a PostgreSQL server of an earlier desk is still running here: it is shut down first',
    );
    await endPostmaster(pid, cluster);
    return {};
  }
  if (servers.length > 0) await endSessions(servers, cluster, log);
  return pid !== undefined && isAlive(pid) ? { reusedPid: pid } : {};
}

async function endPostmaster(pid: number, cluster: string): Promise<void> {
  signalProcess(pid, 'SIGINT'); // Fast shutdown: ends sessions, writes a checkpoint.
  if (await waitForEnd([pid], cluster, fastStopTimeoutMs)) return;
  signalProcess(pid, 'SIGQUIT'); // Immediate shutdown: recovers at the next start.
  if (await waitForEnd([pid], cluster, killTimeoutMs)) return;
  const message = `An earlier PostgreSQL server (process ${pid}) on ${cluster} does not stop: end it, then start again.`;
  throw new PostgresChildError('SERVER_STUCK', message);
}

/**
 * Sessions outlive a killed postmaster until they next look up, and hold the shared memory that keeps a new server from
 * starting. Killing them loses nothing: what they committed is in the WAL that the new server recovers from.
 */
async function endSessions(pids: readonly number[], cluster: string, log: Logger): Promise<void> {
  log.warn({ postgresPids: pids }, 'ending sessions of a PostgreSQL server that was killed');
  for (const pid of pids) signalProcess(pid, 'SIGKILL');
  if (await waitForEnd(pids, cluster, killTimeoutMs)) return;
  throw new PostgresChildError(
    'SERVER_STUCK',
    `Processes ${pids.join(', ')} of a killed PostgreSQL server on ${cluster} do not end: end them, then start again.`,
  );
}
