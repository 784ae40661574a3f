import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a new file and syncs it to disk. It is safe from a power cut only once `moveDurably` has put it in its place.
 * @throws the error of the file system, EEXIST when the file is there, or that of `content`
 */
export async function writeSynced(
  path: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    for await (const chunk of content) await file.appendFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Renames a file and syncs the folders from its new one up to `root`, without which a power cut undoes the rename. */
export async function moveDurably(from: string, to: string, root: string): Promise<void> {
  await rename(from, to);
  for (let folder = dirname(to); folder.length >= root.length; folder = dirname(folder)) {
    await sync(folder);
    if (folder === dirname(folder)) return;
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
