import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import type { Binaries } from './binaries.ts';
import { PostgresChildError } from './errors.ts';
import type { Identity } from './identity.ts';

/** How to start one of the programs: arguments of `spawn`. */
export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: {
    readonly cwd: string;
    readonly env: Record<string, string>;
    readonly uid?: number;
    readonly gid?: number;
  };
};

export type Launcher = (program: string, args: readonly string[]) => Command;

const probeTimeoutMs = 10_000;

/**
 * Finds the way to start programs as `identity` that works here, and the major version of the binaries. Each way is tried
 * rather than judged by mode bits, which know nothing of ACLs and mounts. Throws BINARIES_UNUSABLE when none works.
 */
export async function chooseLauncher(options: {
  binaries: Binaries;
  identity: Identity;
  /** A directory that `identity` owns; the programs work in it. */
  home: string;
  log: Logger;
}): Promise<{ launcher: Launcher; major: number }> {
  const { binaries, home, identity, log } = options;
  let failure: unknown;
  for (const { launcher, hint } of waysToLaunch(binaries, identity, home)) {
    try {
      const major = await probe(launcher, binaries, home);
      if (hint !== undefined) log.info(hint);
      return { launcher, major };
    } catch (error) {
      failure = error;
    }
  }
  throw unusable(failure, identity);
}

/**
 * The best way first. setpriv (util-linux) makes the kernel end the server in order when the desk is killed: the signal
 * comes when the thread that started it ends, so that has to be the main one.
 *
 * A checkout often lies below a directory that only its owner may enter (/root, `mktemp -d`). After a plain change of
 * user the server could neither be loaded nor reach its data then. Permissions of directories that are not ours are not
 * touched: one capability to pass them is kept. CAP_DAC_OVERRIDE, as containers do not get the lesser
 * CAP_DAC_READ_SEARCH; `no_setuid_fixup`, as otherwise it does not count in access(2), with which initdb looks around.
 */
function waysToLaunch(binaries: Binaries, identity: Identity, home: string): { launcher: Launcher; hint?: string }[] {
  // Nothing of the desk's environment: PG* variables and locales would change what the server does.
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...binaries.env };
  const plain: Launcher = (file, args) => ({ file, args, options: { cwd: home, env, ...identity } });
  if (process.platform !== 'linux') return [{ launcher: plain }];

  const user = identity ? [`--reuid=${identity.uid}`, `--regid=${identity.gid}`, '--clear-groups'] : [];
  const bySetpriv =
    (capabilities: readonly string[]): Launcher =>
    (program, args) => ({
      file: 'setpriv',
      args: ['--pdeathsig=INT', ...user, ...capabilities, '--', program, ...args],
      options: { cwd: home, env },
    });
  const passing = [
    ...['--inh-caps', '--ambient-caps', '--bounding-set'].map((set) => `${set}=-all,+dac_override`),
    '--securebits=+no_setuid_fixup',
  ];
  const hint = 'postgres may not enter the directories above its own: it keeps CAP_DAC_OVERRIDE';
  return [
    { launcher: bySetpriv([]) },
    ...(identity ? [{ launcher: bySetpriv(passing), hint }] : []),
    { launcher: plain },
  ];
}

/** Enters `home` by its path and runs the server for its version: all that can fail later but for the data itself. */
async function probe(launcher: Launcher, binaries: Binaries, home: string): Promise<number> {
  const script = 'cd "$1" && exec "$2" --version';
  const { args, file, options } = launcher('/bin/sh', ['-c', script, 'sh', home, binaries.postgres]);
  const { stdout } = await promisify(execFile)(file, args, { ...options, timeout: probeTimeoutMs });
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  if (major === undefined) throw new Error(`unexpected answer of postgres --version: ${stdout}`);
  return Number(major);
}

function unusable(error: unknown, identity: Identity): PostgresChildError {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : '';
  const why = said || (error instanceof Error ? error.message : String(error));
  const who = identity ? `as user ${identity.uid}, which root hands it to` : 'here';
  const wayOut = identity ? 'run the desk as a normal user, or' : 'run "npm ci" again, or';
  return new PostgresChildError(
    'BINARIES_UNUSABLE',
    `The embedded PostgreSQL cannot run ${who} (${why}): ${wayOut} set DATABASE_URL to a PostgreSQL server.`,
    error,
  );
}
