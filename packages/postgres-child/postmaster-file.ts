import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from './errors.ts';

/** What a server wrote about itself into its cluster when it started (`miscadmin.h`, LOCK_FILE_LINE_*). */
export type PostmasterFile = {
  readonly pid: number;
  /** Absent while it has not opened its socket yet. */
  readonly socket?: { readonly directory: string; readonly port: number };
};

/** Reads `postmaster.pid`; undefined when the last server ended in order, or before it had written its id. */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  try {
    const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n');
    const [pid, , , port, directory] = lines;
    if (!(Number(pid) > 0)) return undefined;
    return { pid: Number(pid), ...(directory && port ? { socket: { directory, port: Number(port) } } : {}) };
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return undefined;
  }
}
