import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PostgresChildError } from './errors.ts';
import { claimDirectory, type Home } from './home.ts';
import { instanceName } from './layout.ts';

/** Names the socket file only, `.s.PGSQL.5432`: nothing listens on a network port. */
export const socketPort = 5432;

/** sockaddr_un.sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included. */
const longestPath = process.platform === 'darwin' ? 103 : 107;

/**
 * The directory of the server's socket, created if missing: in its home, or, where that path is too long for a socket,
 * one in the system's temporary directory that is always the same for this data directory. Only its owner may enter.
 */
export async function prepareSocketDir({ cluster, identity }: Home): Promise<string> {
  const directory = socketDirOf(cluster);
  try {
    await claimDirectory(directory, identity); // In a shared temporary directory somebody else may have been first.
  } catch (error) {
    const message = `The directory ${directory} for PostgreSQL's socket belongs to somebody else: remove it, or set DATA_DIR to a shorter path.`;
    throw new PostgresChildError('DATA_DIR_UNUSABLE', message, error);
  }
  return directory;
}

function socketDirOf(cluster: string): string {
  const inHome = join(dirname(cluster), 'socket');
  if (fits(inHome)) return inHome;
  const inTemporary = join(tmpdir(), instanceName(cluster));
  return fits(inTemporary) ? inTemporary : join('/tmp', instanceName(cluster));
}

const fits = (directory: string): boolean =>
  Buffer.byteLength(join(directory, `.s.PGSQL.${socketPort}`)) <= longestPath;
