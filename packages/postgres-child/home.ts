import { constants } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, PostgresChildError } from './errors.ts';
import { chooseIdentity, type Identity } from './identity.ts';
import { clusterOf, homeOf } from './layout.ts';

/** Everything of PostgreSQL below the data directory; `home` belongs to the server's user and is closed to others. */
export type Home = {
  readonly home: string;
  readonly cluster: string;
  readonly linkDir: string;
  readonly identity: Identity;
};

/** Creates the data directory when it is missing; throws DATA_DIR_UNUSABLE when that cannot be. */
export async function prepareDataDir(dataDir: string): Promise<void> {
  try {
    await makeDirectories(dataDir);
    if (!(await stat(dataDir)).isDirectory()) throw new PostgresChildError('DATA_DIR_UNUSABLE', notADirectory(dataDir));
  } catch (error) {
    throw unusable(dataDir, error);
  }
}

/**
 * Like `mkdir -p`. Node's own never ends where a file system answers ENOENT to a new name in a directory that exists,
 * as /proc does (seen with Node 26.10).
 */
async function makeDirectories(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const parent = dirname(path);
    if (errnoOf(error) === 'EEXIST') return;
    if (errnoOf(error) !== 'ENOENT' || parent === path || (await exists(parent))) throw error;
    await makeDirectories(parent);
    await mkdir(path);
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Creates `<dataDir>/postgres` for the user that the server will run as. */
export async function prepareHome(dataDir: string): Promise<Home> {
  const home = homeOf(dataDir);
  const cluster = clusterOf(dataDir);
  try {
    const identity = await chooseIdentity(cluster, [home, dataDir, dirname(dataDir)]);
    await claimDirectory(home, identity);
    return { home, cluster, linkDir: join(home, 'lib'), identity };
  } catch (error) {
    throw unusable(home, error);
  }
}

/**
 * Creates a directory that belongs to the server's user and is closed to all others, as the server trusts whoever
 * reaches its socket. Throws when what is there is a link or somebody else's. Works on an open handle, so that nobody
 * can put a link in its place between the look and the change of owner.
 */
export async function claimDirectory(directory: string, identity: Identity): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const { gid, mode, uid } = await handle.stat();
    const me = process.getuid?.() ?? uid;
    const owner = identity ?? { uid: me, gid };
    if (uid !== owner.uid && uid !== me) throw new PostgresChildError('DATA_DIR_UNUSABLE', notOurs(directory));
    if (uid !== owner.uid) await handle.chown(owner.uid, owner.gid);
    if ((mode & 0o777) !== 0o700) await handle.chmod(0o700);
  } finally {
    await handle.close();
  }
}

/** The operator's words for a system error about a directory. */
function unusable(path: string, cause: unknown): PostgresChildError {
  if (cause instanceof PostgresChildError) return cause;
  const code = errnoOf(cause);
  let message = `${path} cannot be used (${code || String(cause)}): set DATA_DIR to another directory.`;
  if (['ENOTDIR', 'EEXIST', 'ELOOP'].includes(code)) message = notADirectory(path);
  if (['EACCES', 'EPERM', 'EROFS'].includes(code)) message = notOurs(path);
  if (code === 'EPERM' && process.getuid?.() === 0) message = notToBeGivenAway(path);
  return new PostgresChildError('DATA_DIR_UNUSABLE', message, cause);
}

const notADirectory = (path: string) => `${path} is not a directory: set DATA_DIR to one.`;
const notOurs = (path: string) =>
  `${path} belongs to another user or is read-only: change its owner, or set DATA_DIR to another directory.`;
const notToBeGivenAway = (path: string) =>
  `PostgreSQL may not run as root, and root may not give ${path} to another user here: run the desk as a normal user.`;
