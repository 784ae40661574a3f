import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { installedBinariesDir, resolveBinaries } from '#packages/postgres-child/binaries.ts';
import { startPostgresChild } from '#packages/postgres-child/child.ts';
import { runningConnection, type SocketConnection } from '#packages/postgres-child/connection.ts';
import { chooseIdentity } from '#packages/postgres-child/identity.ts';
import { chooseLauncher } from '#packages/postgres-child/launch.ts';
import { clusterOf, homeOf } from '#packages/postgres-child/layout.ts';
import { isAlive, serversOf } from '#packages/postgres-child/process-info.ts';
import { serverArgs } from '#packages/postgres-child/settings.ts';
import { socketPort } from '#packages/postgres-child/socket-dir.ts';
import type { ChildStatus } from '#packages/postgres-child/supervisor.ts';
import { endOwner, killServers, query, startOwner, temporaryDirectory } from '#tests/support/postgres-desk.ts';

const log = pino({ level: 'silent' });

// Most of these create a cluster, which takes its time where the cores are shared.
vi.setConfig({ testTimeout: 90_000 });

async function start(dataDir: string, onStatus?: (status: ChildStatus) => void) {
  const child = await startPostgresChild({ dataDir, log, ...(onStatus ? { onStatus } : {}) });
  onTestFinished(() => child.stop());
  return child;
}

async function startedOwner(dataDir: string) {
  const owner = startOwner({ dataDir });
  const report = await owner.report;
  const connection = await runningConnection(dataDir);
  if (!report.ready || !connection) throw new Error(`owner did not start: ${JSON.stringify(report)}`);
  return { owner, pid: report.pid, connection };
}

/** Commits rows one by one until the server is lost; resolves to the highest number that was acknowledged. */
async function insertUntilLost(connection: SocketConnection, onInsert: (n: number) => void): Promise<number> {
  for (let n = 1; ; n += 1) {
    try {
      await query(connection, `insert into rows values (${n})`);
    } catch {
      return n - 1;
    }
    onInsert(n);
  }
}

/** A session in a statement that looks up for interrupts only, and so does not notice that its postmaster is gone. */
function startBusySession(connection: SocketConnection) {
  const statement = 'select count(*) from generate_series(1, 10000000000)';
  const outcome = query(connection, statement).then(
    () => 'done',
    () => 'lost',
  );
  const started = vi.waitFor(async () => {
    const active = `select 1 from pg_stat_activity where query = '${statement}' and state = 'active'`;
    expect(await query(connection, active)).toHaveLength(1);
  });
  return { started, outcome };
}

/** A server on the cluster that no desk supervises. */
async function startOrphan(dataDir: string): Promise<ChildProcess> {
  const home = homeOf(dataDir);
  const cluster = clusterOf(dataDir);
  const binaries = await resolveBinaries({ binariesDir: installedBinariesDir(), linkDir: join(home, 'lib') });
  const { launcher } = await chooseLauncher({ binaries, identity: await chooseIdentity(cluster, []), home, log });
  const args = serverArgs({ cluster, socketDir: join(home, 'socket'), socketPort, durable: true });
  const command = launcher(binaries.postgres, args);
  const child = spawn(command.file, command.args, { ...command.options, stdio: 'ignore', detached: true });
  await vi.waitFor(async () => expect(await runningConnection(dataDir)).toBeDefined(), { timeout: 10_000 });
  return child;
}

const highest = (connection: SocketConnection) =>
  query(connection, 'select max(n) as max, count(*)::int as count from rows');

describe('a killed desk', () => {
  it.each(['SIGKILL', 'SIGUSR2'] as const)('takes its server along (%s)', async (signal) => {
    const dataDir = await temporaryDirectory();
    const { owner, pid } = await startedOwner(dataDir);
    expect(await serversOf(clusterOf(dataDir))).toContain(pid);
    await endOwner(owner, signal);
    await vi.waitFor(async () => expect(await serversOf(clusterOf(dataDir))).toEqual([]), { timeout: 10_000 });
    await start(dataDir);
  });

  it('may leave a server all the same, which the next start ends before it starts its own', async () => {
    const dataDir = await temporaryDirectory();
    const first = await start(dataDir);
    await query(first.connection, 'create table kept as select 1 as n');
    await first.stop();
    const orphan = await startOrphan(dataDir);

    const child = await start(dataDir);
    expect(orphan.exitCode).toBe(0);
    expect(await serversOf(clusterOf(dataDir))).toContain(child.pid());
    expect(await query(child.connection, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  it('together with a killed server and a busy session does not keep the next start from recovering', async () => {
    const dataDir = await temporaryDirectory();
    const { connection, owner, pid } = await startedOwner(dataDir);
    await query(connection, 'create table kept as select 1 as n');
    const busy = startBusySession(connection);
    await busy.started;
    owner.process.kill('SIGSTOP'); // Keeps it from starting the server again in between.
    process.kill(pid, 'SIGKILL');
    await endOwner(owner, 'SIGKILL');

    const child = await start(dataDir);
    expect(await busy.outcome).toBe('lost');
    expect(await query(child.connection, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  it('in the middle of creating the cluster is made good by the next start', async () => {
    const dataDir = await temporaryDirectory();
    const owner = startOwner({ dataDir });
    await vi.waitFor(async () => expect((await temporaryClusters(dataDir)).length).toBe(1), {
      timeout: 10_000,
      interval: 5,
    });
    await wait(50);
    await endOwner(owner, 'SIGKILL');
    await expect(stat(clusterOf(dataDir))).rejects.toMatchObject({ code: 'ENOENT' });

    const child = await start(dataDir);
    expect(await query(child.connection, 'select 1 as answer')).toEqual([{ answer: 1 }]);
  });

  it('whose server number now belongs to another process harms neither', async () => {
    const dataDir = await temporaryDirectory();
    const { connection, owner, pid } = await startedOwner(dataDir);
    await endOwner(owner, 'SIGKILL');
    await killServers(dataDir);
    const { gid, uid } = await stat(clusterOf(dataDir));
    const other = spawn('sleep', ['60'], { cwd: '/', ...(process.getuid?.() === 0 ? { uid, gid } : {}) });
    onTestFinished(() => void other.kill());
    await once(other, 'spawn');
    for (const file of [join(clusterOf(dataDir), 'postmaster.pid'), join(connection.host, '.s.PGSQL.5432.lock')]) {
      await writeFile(file, (await readFile(file, 'utf8')).replace(String(pid), String(other.pid)));
    }

    const child = await start(dataDir);
    expect(await query(child.connection, 'select 1 as answer')).toEqual([{ answer: 1 }]);
    expect(isAlive(other.pid ?? 0)).toBe(true);
  });

  it('is not what Ctrl-C makes of it: the server stays for as long as the desk drains', async () => {
    const dataDir = await temporaryDirectory();
    const { connection, owner, pid } = await startedOwner(dataDir);
    process.kill(-(owner.process.pid ?? 0), 'SIGINT'); // What a terminal does: the whole foreground process group.
    await wait(500);
    expect(await query(connection, 'select 1 as answer')).toEqual([{ answer: 1 }]);
    expect(isAlive(pid)).toBe(true);
    await endOwner(owner, 'SIGTERM');
    expect(await serversOf(clusterOf(dataDir))).toEqual([]);
  });
});

describe('a killed server', () => {
  it('comes back by itself with everything that was committed', async () => {
    const dataDir = await temporaryDirectory();
    const seen: ChildStatus[] = [];
    const child = await start(dataDir, (status) => seen.push(status));
    await query(child.connection, 'create table rows (n int primary key)');
    const acknowledged = await insertUntilLost(child.connection, (n) => {
      if (n === 20) process.kill(child.pid() ?? 0, 'SIGKILL');
    });
    expect(acknowledged).toBeGreaterThanOrEqual(20);

    await vi.waitFor(() => expect(child.restarts()).toBe(1), { timeout: 20_000 });
    const [row] = await highest(child.connection);
    expect(row?.['count']).toBe(row?.['max']);
    expect(row?.['max']).toBeGreaterThanOrEqual(acknowledged);
    expect(seen).toEqual(['restarting', 'running']);
    expect(child.status()).toBe('running');
  });

  it('comes back although a session is too busy to notice', async () => {
    const child = await start(await temporaryDirectory());
    const busy = startBusySession(child.connection);
    await busy.started;
    process.kill(child.pid() ?? 0, 'SIGKILL');
    expect(await busy.outcome).toBe('lost');
    await vi.waitFor(() => expect(child.restarts()).toBe(1), { timeout: 20_000 });
    expect(await query(child.connection, 'select 1 as answer')).toEqual([{ answer: 1 }]);
  });

  it('can be stopped while it is being restarted', async () => {
    const dataDir = await temporaryDirectory();
    const restarting = Promise.withResolvers<void>();
    const child = await start(dataDir, (status) => status === 'restarting' && restarting.resolve());
    const busy = startBusySession(child.connection);
    await busy.started;
    process.kill(child.pid() ?? 0, 'SIGKILL');
    await restarting.promise;
    await child.stop();
    expect(child.status()).toBe('stopped');
    expect(await serversOf(clusterOf(dataDir))).toEqual([]);
    expect(await busy.outcome).toBe('lost');
  });

  it('is given up when it fails again and again, and the data directory is free then', async () => {
    const dataDir = await temporaryDirectory();
    const child = await start(dataDir);
    await writeFile(join(clusterOf(dataDir), 'PG_VERSION'), '15\n'); // Makes every start fail.
    process.kill(child.pid() ?? 0, 'SIGKILL');
    expect(await child.exited).toMatchObject({ unexpected: true });
    expect(child.status()).toBe('failed');
    await writeFile(join(clusterOf(dataDir), 'PG_VERSION'), '18\n');
    await start(dataDir);
  });
});

const temporaryClusters = async (dataDir: string) => {
  await mkdir(homeOf(dataDir), { recursive: true });
  return (await readdir(homeOf(dataDir))).filter((name) => name.startsWith('initdb-'));
};
