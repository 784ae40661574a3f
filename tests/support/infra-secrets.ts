import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, pathOf } from './infra.ts';

/** Has infra/secrets.sh make the secrets in a folder. */
export const makeSecrets = (folder: string): Buffer => execFileSync(pathOf('infra/secrets.sh'), [folder]);

/** Makes the URLs among the secrets lead to another place than the host that compose.yaml has for it. */
export async function leadSecrets(folder: string, from: string, to: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const text = await readFile(path, 'utf8');
    if (!text.includes(`@${from}`)) continue;
    await rm(path);
    await writeFile(path, text.replace(`@${from}`, `@${to}`));
  }
}

/** Makes the roles of infra/postgres with the passwords of the secrets; `server` is the superuser's, as psql takes it. */
export const makeRoles = (folder: string, server: Readonly<Record<string, string>>): string =>
  check(pathOf('infra/postgres/login.sh'), [], { ...server, SECRETS_DIR: folder, SQL_DIR: pathOf('infra/postgres') });

/** Opens the tables to the roles, as their owner. */
export async function grantRoles(folder: string): Promise<string> {
  const url = (await readFile(join(folder, 'database-url-owner'), 'utf8')).trim();
  return check('psql', ['--no-psqlrc', '--quiet', `--file=${pathOf('infra/postgres/grants.sql')}`, url]);
}
