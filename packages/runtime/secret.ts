import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The secret that signs reply addresses and upload references: DESK_SECRET, or one made at the first start and kept in
 * DATA_DIR, readable by its owner alone. Losing it makes old reply addresses fall back to the other ways of threading.
 */
export async function deskSecret({
  DATA_DIR: dataDir,
  DESK_SECRET: given,
}: {
  DATA_DIR: string;
  DESK_SECRET?: string;
}): Promise<string> {
  if (given !== undefined) return given;
  const file = join(dataDir, 'secret');
  await mkdir(dataDir, { recursive: true });
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  // Written beside and then linked: a crash leaves a whole secret or none, and of two starts the first one wins.
  const fresh = join(dataDir, `secret.${process.pid}`);
  await writeFile(fresh, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
  try {
    await link(fresh, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await unlink(fresh);
  }
  return (await readFile(file, 'utf8')).trim();
}
