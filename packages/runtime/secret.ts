import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '#packages/kernel/config.ts';
import { newId } from '#packages/kernel/ids.ts';
import { secretLength } from './variables.ts';

/**
 * The secret that signs reply addresses and upload references: DESK_SECRET, or one made at the first start and kept in
 * DATA_DIR, readable by its owner alone. Losing it makes old reply addresses fall back to the other ways of threading.
 * Throws ConfigError for a file that holds less than a secret: signing with it would let anybody forge.
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
    return await secretIn(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  // Written beside and then linked: a crash leaves a whole secret or none, and of two starts the first one wins.
  // Not named by process id: in containers that share the directory each process is number 1.
  const fresh = join(dataDir, `secret.${newId()}`);
  await writeFile(fresh, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true, flag: 'wx' });
  try {
    await link(fresh, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await unlink(fresh);
  }
  return secretIn(file);
}

async function secretIn(file: string): Promise<string> {
  const secret = (await readFile(file, 'utf8')).trim();
  if (secret.length < secretLength)
    throw new ConfigError(
      `DATA_DIR: ${file} holds no secret of at least ${secretLength} characters: bring it back from a backup, or remove it to get a new one`,
    );
  return secret;
}
