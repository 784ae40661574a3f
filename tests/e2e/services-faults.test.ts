import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '#tests/support/free-port.ts';
import { type PostgresServer, preparePostgresServer } from '#tests/support/postgres-server.ts';
import { startProcess } from '#tests/support/process.ts';
import { mountRamDisk, noRamDisk } from '#tests/support/ram-disk.ts';
import { mail, serviceHome } from '#tests/support/service-home.ts';
import { type ServiceName, type ServiceProcess, untilReady, untilSo } from '#tests/support/service-process.ts';

const limit = { timeout: 240_000 };
const noDisk = noRamDisk();
/** Of Debian's libfaketime, for x86-64 and ARM. */
const fakeTimeLibrary = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));
if (fakeTimeLibrary === undefined) {
  if (process.env['CI'] === 'true') throw new Error('CI runs need libfaketime (tests/support/install-servers.sh)');
  console.warn('skipped: libfaketime is not installed, so no clock can be wrong');
}

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await preparePostgresServer();
}, 120_000);
afterAll(() => postgres.remove());

async function newDatabase(): Promise<string> {
  const name = `faults_${Math.random().toString(36).slice(2)}`;
  await postgres.query(`create database ${name}`);
  return name;
}

const status = async (service: ServiceProcess, path: string): Promise<number> =>
  (await fetch(`http://127.0.0.1:${service.healthPort}${path}`)).status;

const subjects = async (database: string): Promise<string[]> =>
  (
    await postgres.query(`select data->>'subject' as subject from log.events where type = 'TicketCreated'`, database)
  ).map(({ subject }) => String(subject));

describe('PostgreSQL', () => {
  it('that is not there yet is waited for, and the probes say so', limit, async () => {
    await postgres.stop();
    const { start } = await serviceHome({ DATABASE_URL: postgres.url() });
    const service = await start('command-api');
    await untilSo('it tells what it waits for', async () => service.stderr().includes('cannot start yet'), { service });
    expect(await status(service, '/healthz')).toBe(200);
    expect(await status(service, '/readyz')).toBe(503);
    expect(await service.readiness()).toMatchObject({
      ready: false,
      checks: [{ ok: false, detail: 'has not started yet: the database or the event log is away' }],
    });
    expect(JSON.stringify(await service.readiness())).not.toMatch(/127\.0\.0\.1|ECONNREFUSED/);
    expect(service.stderr()).toMatch(/the database cannot be used: .*ECONNREFUSED.*; check DATABASE_URL/);
    // The same reason is not told again and again.
    await new Promise((done) => setTimeout(done, 2_000));
    expect(service.stderr().match(/cannot start yet/g)).toHaveLength(1);
    await postgres.start();
    await untilReady(service);
    expect(await status(service, '/readyz')).toBe(200);
    service.signal('SIGTERM');
    expect(await service.ended).toBe(0);
  });

  it('that is waited for keeps nobody from stopping', limit, async () => {
    const { start } = await serviceHome({ DATABASE_URL: postgres.url() });
    const service = await start('projector', { DATABASE_URL: `postgres://desk@127.0.0.1:${await freePort()}/desk` });
    await untilSo('it waits', async () => service.stderr().includes('cannot start yet'), { service });
    service.signal('SIGTERM');
    expect(await service.ended).toBe(0);
  });

  it('that lets nobody in, or has no such database, is an error of the operator', limit, async () => {
    await postgres.start();
    await postgres.query(`create role guest login password 'let me in'`);
    const { start } = await serviceHome({ DATABASE_URL: postgres.url() });
    const [wrong, missing] = await Promise.all([
      start('routing', { DATABASE_URL: postgres.url('postgres', 'guest', 'let me out') }),
      start('query-api', { DATABASE_URL: postgres.url('nowhere') }),
    ]);
    expect([await wrong.ended, await missing.ended]).toEqual([3, 3]);
    expect(wrong.stderr()).toMatch(
      /routing: the database cannot be used: password authentication failed for user "guest"; check DATABASE_URL\n$/,
    );
    expect(missing.stderr()).toMatch(
      /query-api: the database cannot be used: database "nowhere" does not exist; check DATABASE_URL\n$/,
    );
  });

  it('that refuses the login later on is waited for like one that is away', limit, async () => {
    const database = await newDatabase();
    await postgres.query('create role app superuser login');
    const { start } = await serviceHome({ DATABASE_URL: postgres.url(database, 'app') });
    const service = await start('command-api');
    await untilReady(service);
    await postgres.query('alter role app nologin');
    await postgres.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'`);
    await untilSo('not ready', async () => (await service.readiness())?.ready === false);
    expect(await service.detail('database')).toBe('The read models cannot be reached just now');
    await postgres.query('alter role app login');
    await untilReady(service);
    expect(service.child.exitCode).toBe(null);
  });

  it('that crashes and comes back loses nothing; meanwhile mail is refused for later', limit, async () => {
    const database = await newDatabase();
    const { start } = await serviceHome({ DATABASE_URL: postgres.url(database) });
    const names: readonly ServiceName[] = ['command-api', 'projector', 'email-ingest', 'routing', 'sla-timer'];
    const services = await Promise.all(names.map((name) => start(name)));
    await Promise.all(services.map(untilReady));
    const ingest = services[names.indexOf('email-ingest')]!;
    expect(await mail(ingest, 'before')).toBe(250);
    await postgres.stop();
    expect(await mail(ingest, 'during')).toBe(451);
    for (const service of services)
      await untilSo('not ready', async () => (await service.readiness())?.ready === false);
    expect((await ingest.readiness())?.checks.find(({ name }) => name === 'database')).toMatchObject({
      ok: false,
      detail: 'The read models cannot be reached just now',
    });
    await postgres.start();
    await Promise.all(services.map(untilReady));
    expect(await mail(ingest, 'during')).toBe(250);
    expect(await mail(ingest, 'after')).toBe(250);
    await untilSo('all are tickets', async () => (await subjects(database)).length >= 3, { service: ingest });
    expect((await subjects(database)).sort()).toEqual(['after', 'before', 'during']);
    expect(services.map(({ child }) => child.exitCode)).toEqual(names.map(() => null));
  });

  it.skipIf(noDisk !== null)('whose disk is full refuses; with room again all goes on', limit, async () => {
    const disk = mountRamDisk(160);
    const server = await preparePostgresServer({ dir: join(disk.dir, 'data') });
    onTestFinished(async () => {
      await server.stop();
      await disk.remove();
    });
    await server.start();
    const { start } = await serviceHome({ DATABASE_URL: server.url() });
    const names: readonly ServiceName[] = ['command-api', 'projector', 'email-ingest'];
    const services = await Promise.all(names.map((name) => start(name)));
    await Promise.all(services.map(untilReady));
    const ingest = services[2]!;
    expect(await mail(ingest, 'first')).toBe(250);
    const ballast = join(disk.dir, 'ballast');
    await writeFile(ballast, Buffer.alloc(200 * 1024 * 1024)).catch((error: unknown) =>
      expect(error).toMatchObject({ code: 'ENOSPC' }),
    );
    // There is some room in files that PostgreSQL has already: mail by mail it is used up.
    const answers: number[] = [];
    await untilSo('mail is refused', async () => {
      answers.push(await mail(ingest, `full-${answers.length}`));
      return answers.at(-1) !== 250;
    });
    expect(answers.at(-1)).toBe(451);
    await rm(ballast);
    // PostgreSQL ends itself when its log of changes has no room; whoever runs it starts it again.
    await server.query('select 1').catch(() => server.stop().then(server.start));
    await Promise.all(services.map(untilReady));
    const last = `full-${answers.length - 1}`;
    await untilSo('mail is taken again', async () => (await mail(ingest, last)) === 250);
    const accepted = ['first', ...answers.map((_, n) => `full-${n}`)].sort();
    const created = async () =>
      (await server.query(`select data->>'subject' as s from log.events where type = 'TicketCreated'`)).map(
        ({ s }) => s,
      );
    await untilSo('all are tickets', async () => (await created()).length >= accepted.length);
    expect((await created()).sort()).toEqual(accepted);
  });
});

describe('DATA_DIR', () => {
  it('that is no directory is an error of the operator', limit, async () => {
    const { dataDir, start } = await serviceHome({ DATABASE_URL: postgres.url() });
    await writeFile(join(dataDir, 'file'), '');
    const service = await start('email-ingest', { DATA_DIR: join(dataDir, 'file') });
    expect(await service.ended).toBe(3);
    expect(service.stderr()).toMatch(/^email-ingest: \S+file is no directory: set DATA_DIR to another one$/m);
  });

  it('that goes away makes mail wait with its sender, and not ready', limit, async () => {
    const database = await newDatabase();
    const { dataDir, start } = await serviceHome({ DATABASE_URL: postgres.url(database) });
    const services = await Promise.all((['command-api', 'email-ingest'] as const).map((name) => start(name)));
    await Promise.all(services.map(untilReady));
    const ingest = services[1]!;
    await rename(join(dataDir, 'blobs'), join(dataDir, 'away'));
    expect(await mail(ingest, 'lost')).toBe(451);
    expect(await status(ingest, '/readyz')).toBe(503);
    expect(await ingest.detail('files')).toBe('The file store cannot be reached just now');
    await rename(join(dataDir, 'away'), join(dataDir, 'blobs'));
    expect(await mail(ingest, 'lost')).toBe(250);
    expect(await status(ingest, '/readyz')).toBe(200);
  });

  it.skipIf(noDisk !== null)('that becomes read-only does the same; a start on it says so', limit, async () => {
    const disk = mountRamDisk(8);
    onTestFinished(() => disk.remove());
    const database = await newDatabase();
    const { start } = await serviceHome({ DATABASE_URL: postgres.url(database), DATA_DIR: disk.dir });
    const services = await Promise.all((['command-api', 'email-ingest'] as const).map((name) => start(name)));
    await Promise.all(services.map(untilReady));
    const ingest = services[1]!;
    disk.readOnly(true);
    expect(await mail(ingest, 'unwritten')).toBe(451);
    expect(await status(ingest, '/readyz')).toBe(503);
    const other = await start('notification');
    expect(await other.ended).toBe(3);
    expect(other.stderr()).toMatch(/notification: .* is read-only: set DATA_DIR to another directory\n$/);
    disk.readOnly(false);
    expect(await mail(ingest, 'unwritten')).toBe(250);
    expect(await status(ingest, '/readyz')).toBe(200);
  });
});

describe.skipIf(fakeTimeLibrary === undefined)('a clock that is wrong', () => {
  it.each(['+5h', '-5h'])('(%s) is told, and no deadline is reported before its time', limit, async (offset) => {
    const database = await newDatabase();
    const { dataDir, start } = await serviceHome({ DATABASE_URL: postgres.url(database) });
    const [api, projector] = await Promise.all([start('command-api'), start('projector')]);
    await Promise.all([api, projector].map(untilReady));
    const env = { DATABASE_URL: postgres.url(database), DATA_DIR: dataDir };
    const cli = startProcess(['services/desk/main.ts', 'token', 'agent'], env);
    expect(await cli.ended).toBe(0);
    const opened = await fetch(`http://127.0.0.1:${api.httpPort}/v1/tickets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${cli.stdout().trim()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ subject: 'Due in half an hour', text: 'Please.', priority: 'urgent' }),
    });
    expect(opened.status).toBe(201);
    const armed = () => postgres.query(`select count(*)::int as n from read.deadlines where state = 'armed'`, database);
    await untilSo('the deadline is armed', async () => Number((await armed())[0]?.['n']) > 0);
    const timer = await start('sla-timer', {
      LD_PRELOAD: String(fakeTimeLibrary),
      FAKETIME: offset,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    });
    await untilReady(timer);
    const told = new RegExp(`18000 s ${offset === '+5h' ? 'ahead of' : 'behind'} that of the database`);
    expect(timer.stderr()).toMatch(told);
    expect(await timer.detail('database')).toMatch(told);
    // Several turns of the timer.
    await new Promise((done) => setTimeout(done, 6_000));
    expect(await postgres.query(`select * from log.events where type = 'TicketSlaBreached'`, database)).toEqual([]);
  });
});

describe('a stop', () => {
  it('cuts a request that never ends', limit, async () => {
    const { start } = await serviceHome({ DATABASE_URL: postgres.url(await newDatabase()) });
    const service = await start('command-api');
    await untilReady(service);
    const socket = connect(service.httpPort, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(
      'POST /v1/tickets HTTP/1.1\r\nHost: desk\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    service.signal('SIGTERM');
    expect(await service.ended).toBe(0);
    expect(service.stderr()).not.toMatch(/did not stop cleanly/);
  });

  it('is not held up by a mail server that never answers; the mail stays queued', limit, async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const address = silent.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const database = await newDatabase();
    const { start } = await serviceHome({ DATABASE_URL: postgres.url(database), SMTP_URL: `smtp://127.0.0.1:${port}` });
    const names: readonly ServiceName[] = ['command-api', 'projector', 'email-ingest', 'notification'];
    const services = await Promise.all(names.map((name) => start(name)));
    await Promise.all(services.map(untilReady));
    expect(await mail(services[2]!, 'acknowledge this')).toBe(250);
    await untilSo('the acknowledgement is under way', async () => sockets.size > 0);
    const notification = services[3]!;
    notification.signal('SIGTERM');
    expect(await notification.ended).toBe(0);
    const [row] = await postgres.query('select state, attempts from read.outbound_mail', database);
    expect(row).toEqual({ state: 'queued', attempts: 0 });
  });
});
