import { readFile, stat } from 'node:fs/promises';
import { errnoOf } from './errors.ts';

/** The user that the server runs as; undefined: the one who runs the desk. */
export type Identity = { readonly uid: number; readonly gid: number } | undefined;

const nobody = { uid: 65_534, gid: 65_534 };

/**
 * PostgreSQL refuses to run as root, so root hands it to somebody else: the owner of the cluster, else of the nearest of
 * `places` that is not root's, else the system's `postgres` user, else nobody. initdb runs only as a user that has an
 * entry in the list of users, so a place that belongs to a mere number does not count.
 */
export async function chooseIdentity(cluster: string, places: readonly string[]): Promise<Identity> {
  if (process.getuid?.() !== 0) return undefined;
  const keeper = await ownerOf(cluster);
  if (keeper) return keeper;
  const users = await readUsers();
  for (const place of places) {
    const owner = await ownerOf(place);
    if (owner && users.some(({ uid }) => uid === owner.uid)) return owner;
  }
  return users.find(({ name }) => name === 'postgres') ?? nobody;
}

/** Who owns a file or directory; undefined when it is missing or root's. */
async function ownerOf(path: string): Promise<Identity> {
  try {
    const { gid, uid } = await stat(path);
    return uid === 0 ? undefined : { uid, gid };
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return undefined;
  }
}

async function readUsers(): Promise<readonly { name: string; uid: number; gid: number }[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n'); // passwd(5)
  return lines.flatMap((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}
