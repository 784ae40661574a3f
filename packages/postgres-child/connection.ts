import { clusterOf } from './layout.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { serversOf } from './process-info.ts';

/** How to reach the embedded server. */
export type SocketConnection = {
  /** Directory of its unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
};

/** Role that owns everything in the embedded server, and the desk's database there. */
export const databaseUser = 'desk';
export const databaseName = 'desk';

/**
 * For a command beside a running desk, whose data directory is locked (DATA_DIR_IN_USE): how to reach that desk's server.
 * Undefined when none runs, or it has not opened its socket yet. Throws EACCES for a user who may not use this directory.
 */
export async function runningConnection(dataDir: string): Promise<SocketConnection | undefined> {
  const cluster = clusterOf(dataDir);
  const file = await readPostmasterFile(cluster);
  if (!file?.socket || !(await serversOf(cluster)).includes(file.pid)) return undefined;
  return { host: file.socket.directory, port: file.socket.port, user: databaseUser, database: databaseName };
}
