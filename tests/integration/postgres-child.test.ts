import { chmod, cp, lstat, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { installedBinariesDir } from '#packages/postgres-child/binaries.ts';
import { type PostgresChildOptions, startPostgresChild } from '#packages/postgres-child/child.ts';
import { runningConnection } from '#packages/postgres-child/connection.ts';
import { clusterOf } from '#packages/postgres-child/layout.ts';
import { serversOf } from '#packages/postgres-child/process-info.ts';
import {
  canBeNormalUser,
  endOwner,
  isRoot,
  nobody,
  query,
  startOwner,
  temporaryDirectory,
} from '#tests/support/postgres-desk.ts';

const log = pino({ level: 'silent' });

// Most of these create a cluster, which takes its time where the cores are shared.
vi.setConfig({ testTimeout: 90_000 });
const asNormalUser = '(where a normal user can enter checkout and TMPDIR)';

async function start(options: Omit<PostgresChildOptions, 'log'>) {
  const child = await startPostgresChild({ log, ...options });
  onTestFinished(() => child.stop());
  return child;
}

describe('a start', () => {
  it('creates the cluster, and the next one finds the data again', async () => {
    const dataDir = await temporaryDirectory();
    const first = await start({ dataDir });
    await query(first.connection, `create table kept as select 'Ärger' as word`);
    await first.stop();

    const second = await start({ dataDir });
    expect(await query(second.connection, 'select word, lower(word) from kept')).toEqual([
      { word: 'Ärger', lower: 'ärger' },
    ]);
    expect(await query(second.connection, `select current_setting('fsync') as fsync`)).toEqual([{ fsync: 'on' }]);
  });

  it('leaves no process behind when stopped, and says how it ended', async () => {
    const dataDir = await temporaryDirectory();
    const child = await start({ dataDir });
    expect((await serversOf(clusterOf(dataDir))).length).toBeGreaterThan(0);
    await child.stop();
    expect(await serversOf(clusterOf(dataDir))).toEqual([]);
    expect(child.status()).toBe('stopped');
    expect(await child.exited).toEqual({ code: 0, signal: null, unexpected: false });
  });

  it('listens on its socket alone, in a directory closed to others', async () => {
    const dataDir = await temporaryDirectory();
    const { connection } = await start({ dataDir });
    expect(await query(connection, 'show listen_addresses')).toEqual([{ listen_addresses: '' }]);
    expect((await stat(connection.host)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
  });

  it('finds a place for the socket when the path of the data directory is too long for one', async () => {
    const dataDir = join(await temporaryDirectory(), 'long'.repeat(40));
    const { connection } = await start({ dataDir });
    onTestFinished(() => rm(connection.host, { recursive: true, force: true }));
    expect(connection.host.startsWith(dataDir)).toBe(false);
    expect((await stat(connection.host)).mode & 0o777).toBe(0o700);
    expect(await query(connection, 'select 1 as answer')).toEqual([{ answer: 1 }]);
    expect(await runningConnection(dataDir)).toEqual(connection);
  });

  it('copes with a data directory whose name holds blanks, commas and quotes', async () => {
    const dataDir = join(await temporaryDirectory(), `my "desk", it's`);
    const { connection } = await start({ dataDir });
    expect(await query(connection, 'select 1 as answer')).toEqual([{ answer: 1 }]);
  });

  it('can be broken off and leaves nothing running', async () => {
    const dataDir = await temporaryDirectory();
    await expect(start({ dataDir, signal: AbortSignal.timeout(300) })).rejects.toMatchObject({ reason: 'ABORTED' });
    expect(await serversOf(clusterOf(dataDir))).toEqual([]);
    await start({ dataDir });
  });
});

describe('refuses, in one line,', () => {
  const refusal = (dataDir: string) =>
    startPostgresChild({ dataDir, log }).then(
      async (child) => {
        await child.stop();
        throw new Error('was not refused');
      },
      ({ reason, message }) => ({ reason, message }),
    );
  const oneLine = (mentions: string) => expect.stringMatching(new RegExp(`^[^\n]*${mentions}[^\n]*$`));

  it('a cluster of another major version, naming both', async () => {
    const dataDir = await temporaryDirectory();
    await mkdir(clusterOf(dataDir), { recursive: true });
    await writeFile(join(clusterOf(dataDir), 'PG_VERSION'), '15\n');
    expect(await refusal(dataDir)).toEqual({
      reason: 'FOREIGN_MAJOR',
      message: oneLine('PostgreSQL 15.*PostgreSQL 18.*export'),
    });
  });

  it('a directory of something else', async () => {
    const dataDir = await temporaryDirectory();
    await mkdir(clusterOf(dataDir), { recursive: true });
    await writeFile(join(clusterOf(dataDir), 'holiday.jpg'), '');
    expect(await refusal(dataDir)).toEqual({ reason: 'NOT_A_CLUSTER', message: oneLine('DATA_DIR') });
    expect(await readdir(clusterOf(dataDir))).toEqual(['holiday.jpg']);
  });

  it('a file', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    expect(await refusal(file)).toEqual({ reason: 'DATA_DIR_UNUSABLE', message: oneLine('is not a directory') });
    expect(await refusal(join(file, 'below'))).toMatchObject({ reason: 'DATA_DIR_UNUSABLE' });
  });

  it.skipIf(!canBeNormalUser)(`a directory that this user may not write ${asNormalUser}`, async () => {
    const dataDir = await temporaryDirectory();
    await chmod(dataDir, 0o555);
    const owner = startOwner({ dataDir, ...(isRoot ? { uid: nobody } : {}) });
    expect(await owner.report).toEqual({
      ready: false,
      reason: 'DATA_DIR_UNUSABLE',
      message: oneLine('not writable'),
    });
  });

  it('a second desk on one directory, until the first has stopped', async () => {
    const dataDir = await temporaryDirectory();
    const first = await start({ dataDir });
    const inUse = { reason: 'DATA_DIR_IN_USE', message: oneLine(`process ${process.pid}`) };
    expect(await refusal(dataDir)).toEqual(inUse);
    expect(await startOwner({ dataDir }).report).toEqual({ ready: false, ...inUse });
    expect(await query(first.connection, 'select 1 as answer')).toEqual([{ answer: 1 }]);
    expect(await runningConnection(dataDir)).toEqual(first.connection);

    await first.stop();
    expect(await runningConnection(dataDir)).toBeUndefined();
    await start({ dataDir });
  });
});

describe('runs', () => {
  it.skipIf(!isRoot)('as the owner of the data directory when root starts it (needs root)', async () => {
    const dataDir = await temporaryDirectory({ owner: nobody });
    await start({ dataDir });
    expect((await stat(clusterOf(dataDir))).uid).toBe(nobody);
    expect((await stat(join(dataDir, 'desk.lock'))).uid).toBe(nobody);
  });

  it.skipIf(!isRoot || !canBeNormalUser)(`as a normal user, also where root was before ${asNormalUser}`, async () => {
    const dataDir = await temporaryDirectory({ owner: nobody });
    const first = await start({ dataDir });
    await first.stop();
    const owner = startOwner({ dataDir, uid: nobody });
    expect(await owner.report).toMatchObject({ ready: true });
    await endOwner(owner, 'SIGTERM');
    expect(await serversOf(clusterOf(dataDir))).toEqual([]);
  });

  it.skipIf(!isRoot)('in a directory of a user that nobody knows (needs root)', async () => {
    const dataDir = await temporaryDirectory({ owner: 54_321 });
    await start({ dataDir });
    expect((await stat(clusterOf(dataDir))).uid).not.toBe(54_321);
  });

  it('in a directory that others may enter', async () => {
    const open = await temporaryDirectory();
    await chmod(open, 0o755);
    const child = await start({ dataDir: join(open, 'data') });
    expect(await query(child.connection, 'select 1 as answer')).toEqual([{ answer: 1 }]);
  });

  it('with binaries whose links were not made at installation', async () => {
    const binariesDir = await binariesWithoutLinks();
    const child = await start({ dataDir: await temporaryDirectory(), binariesDir });
    expect(await query(child.connection, 'select 1 as answer')).toEqual([{ answer: 1 }]);
    expect((await lstat(join(binariesDir, 'lib', 'libpq.so.5'))).isSymbolicLink()).toBe(true);
  });

  it.skipIf(!isRoot)('with binaries that only root can reach (needs root)', async () => {
    const binariesDir = await binariesWithoutLinks();
    await chmod(dirname(binariesDir), 0o700);
    const child = await start({ dataDir: await temporaryDirectory(), binariesDir });
    expect(await query(child.connection, 'select 1 as answer')).toEqual([{ answer: 1 }]);
  });

  it.skipIf(!canBeNormalUser)(
    `with binaries that lack their links and may not be changed ${asNormalUser}`,
    async () => {
      const binariesDir = await binariesWithoutLinks();
      await chmod(join(binariesDir, 'lib'), 0o555);
      const user = isRoot ? { uid: nobody } : {};
      const dataDir = await temporaryDirectory(isRoot ? { owner: nobody } : {});
      const owner = startOwner({ dataDir, binariesDir, ...user });
      expect(await owner.report).toMatchObject({ ready: true });
      await endOwner(owner, 'SIGTERM');
      await chmod(join(binariesDir, 'lib'), 0o755);
    },
  );
});

async function binariesWithoutLinks(): Promise<string> {
  const parent = await temporaryDirectory();
  await chmod(parent, 0o755);
  const binariesDir = join(parent, 'native');
  const filter = async (path: string) => !(await lstat(path)).isSymbolicLink();
  await cp(installedBinariesDir(), binariesDir, { recursive: true, filter });
  return binariesDir;
}
