import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { clientConfig, type PostgresConnection } from '#packages/postgres/pool.ts';
import { clusterOf } from '#packages/postgres-child/layout.ts';
import { serversOf, signalProcess, waitForEnd } from '#packages/postgres-child/process-info.ts';
import type { OwnerReport } from './postgres-owner.ts';

export const isRoot = process.getuid?.() === 0;
/** Somebody without rights, to be when the tests run as root. */
export const nobody = 65_534;

const ownerScript = fileURLToPath(new URL('postgres-owner.ts', import.meta.url));

/** False for root in a checkout, or with a temporary directory, that others may not enter. */
export const canBeNormalUser = !isRoot || nobodyReaches(ownerScript, tmpdir());

function nobodyReaches(...paths: readonly string[]): boolean {
  const script = 'for (const path of process.argv.slice(1)) require("node:fs").accessSync(path)';
  const user = { cwd: '/', uid: nobody, gid: nobody };
  return spawnSync(process.execPath, ['-e', script, ...paths], user).status === 0;
}

/** A directory that is gone after the test, with every server in it, whatever became of the test. */
export async function temporaryDirectory(options: { owner?: number } = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'deskledger-child-'));
  if (options.owner !== undefined) await chown(directory, options.owner, options.owner);
  onTestFinished(async () => {
    await killServers(directory);
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return directory;
}

export async function killServers(dataDir: string): Promise<void> {
  const cluster = clusterOf(dataDir);
  const pids = await serversOf(cluster);
  for (const pid of pids) signalProcess(pid, 'SIGKILL');
  await waitForEnd(pids, cluster, 10_000);
}

export type Owner = { readonly process: ChildProcess; readonly report: Promise<OwnerReport> };

/** Starts `postgres-owner.ts` on a data directory, in a process group of its own; `uid` needs root. */
export function startOwner(options: { dataDir: string; binariesDir?: string; uid?: number }): Owner {
  const { binariesDir, dataDir, uid } = options;
  const child = spawn(process.execPath, [ownerScript, dataDir, ...(binariesDir ? [binariesDir] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const report = once(createInterface({ input: child.stdout }), 'line').then(([line]) => JSON.parse(line as string));
  report.catch(() => undefined); // A test that kills the owner does not wait for it.
  return { process: child, report };
}

/** Ends an owner and waits for its end. */
export async function endOwner(owner: Owner, signal: NodeJS.Signals): Promise<void> {
  if (owner.process.exitCode !== null || owner.process.signalCode !== null) return;
  const ended = once(owner.process, 'exit');
  owner.process.kill(signal);
  await ended;
}

/** One statement over a connection of its own. */
export async function query(connection: PostgresConnection, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(clientConfig({ connection, name: 'tests' }));
  client.on('error', () => undefined); // The statement in hand rejects as well.
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
