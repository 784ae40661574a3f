import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import { runningConnection } from '#packages/postgres-child/connection.ts';
import { deskHome, processesOn } from '#tests/support/desk-process.ts';
import { startEventStoreDb } from '#tests/support/eventstoredb-server.ts';
import { createTestDatabase, urlOf } from '#tests/support/postgres.ts';

type Home = Awaited<ReturnType<typeof deskHome>>;

const get = async (url: string, path: string, token: string) =>
  (await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })).json() as Promise<Record<string, never>>;

const onEventStoreDb = async () => {
  const { url, interrupt, stop } = await startEventStoreDb('EVENTSTORE_TEST_DESK_URL');
  const store = createEventStoreDbEventStore({ url, log: pino({ level: 'silent' }) });
  const written = async () => {
    let events = 0;
    for (let page = await store.readAll(0n); ; page = await store.readAll(page.scannedTo)) {
      events += page.events.length;
      if (page.atEnd) return events;
    }
  };
  const close = () => store.close().then(stop);
  return { variables: { EVENTSTORE_URL: url }, written, interrupt, close };
};
const nothing = async () => undefined;
const onPostgres = async () => ({ variables: {}, written: async () => null, interrupt: nothing, close: nothing });

/** A server that somebody has started for this run: make test-containers. */
const onServer = async () => {
  const database = await createTestDatabase();
  const variables = { DATABASE_URL: urlOf(database.connection) };
  return { variables, written: async () => null, interrupt: nothing, close: () => database.drop() };
};
describe.each([
  { log: 'PostgreSQL', open: onPostgres },
  { log: 'EventStoreDB, which dies in the middle', open: onEventStoreDb },
  ...(process.env['TEST_DATABASE_URL'] ? [{ log: "PostgreSQL of one's own", open: onServer }] : []),
])('make demo, the log in $log', ({ log, open }) => {
  let home: Home;
  let server: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    server = await open();
    home = await deskHome(server.variables);
  });
  afterAll(async () => {
    await home.remove();
    await server.close();
  });

  it('plays the main job, stays up, stops cleanly, and has all data when it is started again', async () => {
    const first = await home.up('demo');
    await first.desk.printed(/SMTP says\s+250 /);
    await server.interrupt();
    await first.desk.printed(/stays up until Ctrl-C/);
    const told = first.desk.stdout();
    expect(told).toMatch(/First admin token\s+desk_/);
    expect(told).toMatch(/SMTP says\s+250 /);
    expect(told).toMatch(/HTML\s+table kept, scripts gone/);
    expect(told).toMatch(/attachments\s+export\.log \(100 bytes\)/);
    expect(told).toMatch(/from\s+Maria Silva, company acme-industries\.example/);
    expect(told).toMatch(/routed to\s+Support, /);
    expect(told).toMatch(/In-Reply-To\s+<[0-9a-f]+\.1@mail\.acme-industries\.example>/);
    expect(told).toMatch(/status\s+pending → open/);
    expect(told).toMatch(/routed to\s+Billing, Clara Duarte/);
    expect(told).toMatch(/mails out\s+2 before, 2 after/);
    expect(told).toMatch(/backlog\s+1\n/);

    const outbox = await readdir(join(home.dataDir, 'outbox'));
    expect(outbox.filter((name) => name.endsWith('.eml'))).toHaveLength(3);
    const mails = await Promise.all(outbox.map((name) => readFile(join(home.dataDir, 'outbox', name), 'utf8')));
    expect(mails.filter((mail) => /^Auto-Submitted: auto-replied/m.test(mail))).toHaveLength(2);

    first.desk.signal('SIGTERM');
    expect(await first.desk.ended).toBe(0);
    expect(first.desk.stdout()).toMatch(/Stopped\.\n$/);
    expect(await processesOn(home.dataDir)).toEqual([]);

    const second = await home.up('start');
    expect(second.desk.stdout()).not.toMatch(/First admin token/);
    const { code, stdout: token } = await home.run(['token', 'supervisor']);
    expect(code).toBe(0);
    expect(token).toMatch(/^desk_[A-Za-z0-9_-]{43}\n$/);
    const { items } = (await get(second.url, '/v1/tickets', token.trim())) as unknown as {
      items: { number: number }[];
    };
    expect(items.map(({ number }) => number).sort()).toEqual([1001, 1002]);
    second.desk.signal('SIGINT');
    expect(await second.desk.ended).toBe(0);
  }, 120_000);

  it('verifies its log and read models, exports the log, and rebuilds read models', async () => {
    const verified = await home.run(['verify']);
    expect(verified.stdout).toMatch(/every hash chain holds/);
    expect(verified.code).toBe(0);
    const exported = await home.run(['export']);
    const events = exported.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { position: string; type: string });
    expect((await server.written()) ?? events.length).toBe(events.length);
    const positions = events.map(({ position }) => Number(position));
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
    // Only the log in PostgreSQL promises that no position is left out.
    if (log === 'PostgreSQL') expect(positions).toEqual(positions.map((_, index) => index + 1));
    expect(events.filter(({ type }) => type === 'TicketCreated')).toHaveLength(2);
    const rebuilt = await home.run(['rebuild', 'tickets', 'kpi']);
    expect(rebuilt.stdout).toBe('tickets rebuilt\nkpi rebuilt\n');
    expect(rebuilt.code).toBe(0);
  }, 120_000);
});

describe('desk verify', () => {
  it('names the event that somebody changed behind the back of the desk, and the row that is not what the log says', async () => {
    const home = await deskHome();
    const { desk } = await home.up();
    try {
      const connection = await runningConnection(home.dataDir);
      if (!connection) throw new Error('the desk runs without a database');
      const client = new pg.Client(connection);
      await client.connect();
      await client.query(
        `update log.events set data = '{"name":"Sales"}' where data->>'name' = 'Billing' and type = 'GroupRegistered'`,
      );
      await client.query(`update read.groups set name = 'Marketing' where name = 'Support'`);
      await client.end();
      const verified = await home.run(['verify', 'groups']);
      expect(verified.code).toBe(4);
      expect(verified.stdout).toMatch(/^log: event 1 of group-[0-9a-f-]{36} \([0-9a-f-]{36}\): changed$/m);
      expect(verified.stdout).toMatch(/^log: \d+ events, 1 faults$/m);
      expect(verified.stdout).toMatch(/^groups: unexpected row .*"Marketing"/m);
      expect(verified.stdout).toMatch(/^groups: missing row .*"Support"/m);
      desk.signal('SIGTERM');
      expect(await desk.ended).toBe(0);
    } finally {
      await home.remove();
    }
  }, 120_000);
});

describe('two desks', () => {
  it('run side by side, and one data directory belongs to one desk', async () => {
    const [one, other] = [await deskHome(), await deskHome()];
    try {
      const [first] = await Promise.all([one.up(), other.up()]);
      const refused = await one.run(['start']);
      expect(refused.code).toBe(3);
      expect(refused.stderr).toMatch(/^desk: Another desk \(process \d+\) is running on .*\n$/);

      const third = await deskHome();
      const port = new URL(first.url).port;
      const taken = await third.run(['start'], { HTTP_PORT: port, LOG_LEVEL: 'error' });
      expect(taken.code).toBe(3);
      expect(taken.stderr).toBe(
        `desk: 127.0.0.1:${port} is in use by another program: stop it, or move this with HTTP_PORT, HEALTH_PORT or SMTP_PORT\n`,
      );
      expect(await processesOn(third.dataDir)).toEqual([]);
      await third.remove();
    } finally {
      await Promise.all([one.remove(), other.remove()]);
    }
  }, 120_000);
});

describe('the command line', () => {
  it.each([
    [['--help'], {}, 0, /token <role>/, /^$/],
    [['verify', '--help'], {}, 0, /hash chain/, /^$/],
    [['frobnicate'], {}, 2, /^$/, /^desk: there is no command "frobnicate"; see desk --help\n$/],
    [['token'], {}, 2, /^$/, /^desk: token needs one role: .*\n$/],
    [['token', 'king'], {}, 2, /^$/, /^desk: token needs one role: .*\n$/],
    [['start', '--fast'], {}, 2, /^$/, /^desk: .*--fast.*\n$/],
    [['rebuild', 'nothing'], {}, 2, /^$/, /^desk: there is no projection "nothing".*\n$/],
    [['start'], { HTTP_PORT: '99999' }, 3, /^$/, /^desk: HTTP_PORT .*\n$/],
    [['start'], { SMTP_URL: 'mail.example' }, 3, /^$/, /^desk: SMTP_URL .*\n$/],
    [['start'], { EVENTSTORE_URL: 'http://db.example' }, 3, /^$/, /^desk: EVENTSTORE_URL .*\n$/],
    [
      ['start'],
      { EVENTSTORE_URL: 'esdb://db.example:2113' },
      3,
      /^$/,
      /^desk: EVENTSTORE_URL: .* user and password.*\n$/,
    ],
    [
      ['start'],
      { EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false' },
      3,
      /^$/,
      /^desk: .* ECONNREFUSED .*; check EVENTSTORE_URL\n$/,
    ],
    [['start'], { DATA_DIR: '/proc/nowhere' }, 3, /^$/, /^desk: .*DATA_DIR.*\n$/],
    [['start'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }, 3, /^$/, /^desk: .*DATABASE_URL\n$/],
  ])('%j with %j ends with %i', async (args, env, code, stdout, stderr) => {
    const home = await deskHome();
    try {
      const done = await home.run(args, { LOG_LEVEL: 'fatal', ...env });
      expect(done.stderr).toMatch(stderr);
      expect(done.stdout).toMatch(stdout);
      expect(done.code).toBe(code);
    } finally {
      await home.remove();
    }
  });
});
