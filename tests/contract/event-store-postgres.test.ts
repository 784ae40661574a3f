import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCodec } from '#packages/event-store/codec.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { createPostgresEventStore, migrateEventLog } from '#packages/event-store/postgres/store.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { createPool } from '#packages/postgres/pool.ts';
import { newTicketStream, note, notes, priorityRaised, settingSaved } from '#tests/support/log-events.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/postgres.ts';
import { describeEventStore } from './event-store.ts';

const log = pino({ level: 'silent' });

async function openDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  const pool = createPool({ connection: database.connection, log, name: 'test' });
  await migrateEventLog(pool);
  await pool.end();
  return database;
}

describeEventStore('the event log in PostgreSQL', async () => {
  const { connection, drop } = await openDatabase();
  return { connect: () => createPostgresEventStore({ connection, log }), dispose: drop };
});

describe('the event log in PostgreSQL, beyond the port,', () => {
  let database: TestDatabase;
  let store: EventStore;
  let stream: string;
  let raw: ReturnType<typeof createPool>;
  beforeAll(async () => {
    database = await openDatabase();
    store = createPostgresEventStore({ connection: database.connection, log });
    raw = createPool({ connection: database.connection, log, name: 'raw' });
  });
  afterAll(async () => {
    await store?.close();
    await raw?.end();
    await database?.drop();
  });
  beforeEach(() => {
    stream = newTicketStream();
  });
  const cutConnections = () =>
    raw.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name ~ 'deskledger (log|listen)'`);

  test('numbers positions without a gap, refused appends included', async () => {
    await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        store.append(index % 3 ? newTicketStream() : stream, 0, notes((index % 4) + 1)),
      ),
    );
    const { events } = await store.readAll(0n);
    expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => BigInt(index + 1)));
    expect(await store.head()).toBe(BigInt(events.length));
  });

  test('leaves no connection behind when it is closed as a subscription begins', async () => {
    const listeners = async () =>
      (
        await raw.query(`select from pg_stat_activity
          where datname = current_database() and application_name ~ 'deskledger listen'`)
      ).rowCount;
    await store.append(stream, 0, notes(1));
    const before = await listeners();
    const brief = createPostgresEventStore({ connection: database.connection, log });
    const pages = brief.subscribe(0n, { signal: new AbortController().signal });
    for await (const _page of pages) void brief.close();
    await sleep(500); // What it opened too late would be there by now.
    expect(await listeners()).toBe(before);
  });

  test('refuses events that the stream holds already, also at its end (EventStoreDB writes those twice)', async () => {
    const events = notes(3);
    await store.append(stream, 0, events);
    const conflict = { code: 'VERSION_CONFLICT', extra: { expected: 3, actual: 3 } };
    await expect(store.append(stream, 3, events)).rejects.toMatchObject(conflict);
    await expect(store.append(stream, 3, [note(), ...events.slice(0, 1)])).rejects.toMatchObject(conflict);
    expect(await store.readStream(stream)).toHaveLength(3);
  });

  test('can be migrated by several processes at once, and again', async () => {
    const { connection, drop } = await createTestDatabase();
    const pools = [1, 2, 3].map((number) => createPool({ connection, log, name: `migrate ${number}` }));
    await Promise.all(pools.map(migrateEventLog));
    await Promise.all(pools.map(migrateEventLog));
    await Promise.all(pools.map((pool) => pool.end()));
    await drop();
  });

  test('finds rare streams and types far beyond one window of a filtered read', async () => {
    const { connection, drop } = await openDatabase();
    const [pool, far] = [createPool({ connection, log, name: 'fill' }), createPostgresEventStore({ connection, log })];
    // As if 450,000 events of tickets were there; what lies between makes no difference to the windows.
    await pool.query('update log.head set position = 450000');
    await far.append('setting-calendar-office', 0, [settingSaved()]);
    await far.append(stream, 0, [priorityRaised()]);
    for (const [filter, position] of [
      [{ streamPrefixes: ['setting-'] }, 450_001n],
      [{ types: ['TicketPriorityChanged'] }, 450_002n],
    ] as const) {
      const pages = [];
      for await (const page of far.subscribe(0n, { ...filter, signal: AbortSignal.timeout(20_000) })) {
        pages.push(page);
        if (page.atEnd) break;
      }
      expect(pages.length).toBeGreaterThan(1);
      expect(pages.flatMap(({ events }) => events.map((event) => event.position))).toEqual([position]);
      expect(pages.at(-1)?.scannedTo).toBe(450_002n);
    }
    await far.close();
    await pool.end();
    await drop();
  });

  test('lifts old shapes to the newest wherever it reads', async () => {
    const codec = createCodec({
      TicketPriorityChanged: [(data) => ({ ...(data as object), reason: 'unknown' })],
    });
    const lifting = createPostgresEventStore({ connection: database.connection, log, codec });
    const { position } = await store.append(stream, 0, [priorityRaised()]);
    const lifted = { data: { from: 'normal', to: 'high', reason: 'unknown' }, metadata: { schema: 2 } };
    expect(await lifting.readStream(stream)).toMatchObject([lifted]);
    expect((await lifting.readAll(position - 1n)).events).toMatchObject([lifted]);
    for await (const page of lifting.subscribe(position - 1n, { signal: AbortSignal.timeout(10_000) })) {
      expect(page.events).toMatchObject([lifted]);
      break;
    }
    await lifting.close();
  });

  describe('when the database is not there', () => {
    const nowhere = () =>
      createPostgresEventStore({
        connection: { host: '/nonexistent', port: 1, user: 'desk', database: 'desk' },
        log,
        appendDeadlineMs: 1_000,
      });

    test('everything rejects with STORE_UNAVAILABLE', async () => {
      const away = nowhere();
      const unavailable = { code: 'STORE_UNAVAILABLE' };
      await expect(away.append(stream, 0, [note()])).rejects.toMatchObject(unavailable);
      await expect(away.readStream(stream)).rejects.toMatchObject(unavailable);
      await expect(away.readAll(0n)).rejects.toMatchObject(unavailable);
      await expect(away.readAll(0n, { types: ['TicketCreated'] })).rejects.toMatchObject(unavailable);
      await expect(away.head()).rejects.toMatchObject(unavailable);
      await away.close();
    });

    test('a subscription waits for it, until it is aborted', async () => {
      const away = nowhere();
      expect(await Array.fromAsync(away.subscribe(0n, { signal: AbortSignal.timeout(200) }))).toEqual([]);
      await away.close();
    });
  });

  test('a session that holds the lock delays appends and is waited for', async () => {
    const blocker = await raw.connect();
    await blocker.query('begin');
    await blocker.query('select from log.head for update');
    const appended = store.append(stream, 0, notes(2));
    const state = await Promise.race([
      appended.then(() => 'appended'),
      new Promise((done) => setTimeout(done, 100, 'waiting')),
    ]);
    expect(state).toBe('waiting');
    await blocker.query('rollback');
    blocker.release();
    expect(await appended).toMatchObject({ version: 2, duplicate: false });
  });

  test('an append that cannot get the lock in time rejects with TIMEOUT and can be repeated', async () => {
    const hasty = createPostgresEventStore({ connection: database.connection, log, appendDeadlineMs: 200 });
    const events = notes(2);
    const blocker = await raw.connect();
    await blocker.query('begin');
    await blocker.query('select from log.head for update');
    await expect(hasty.append(stream, 0, events)).rejects.toMatchObject({ code: 'TIMEOUT' });
    await blocker.query('rollback');
    blocker.release();
    expect(await hasty.append(stream, 0, events)).toMatchObject({ version: 2 });
    expect(await store.readStream(stream)).toHaveLength(2);
    await hasty.close();
  });

  test('cut connections cost neither an append nor a repeat, and followers go on', async () => {
    const start = await store.head();
    const tickets = Array.from({ length: 200 }, () => ({ name: newTicketStream(), events: notes(2) }));
    const stopping = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const page of store.subscribe(start, { limit: 16, signal: stopping.signal })) {
        seen.push(...page.events.map(({ id }) => id));
        if (seen.length >= 400) stopping.abort();
      }
    })();
    const appending = tickets.map(async ({ name, events }, index) => {
      await new Promise((done) => setTimeout(done, index * 2));
      return (await store.append(name, 0, events)).version;
    });
    for (let cut = 0; cut < 5; cut += 1) {
      await new Promise((done) => setTimeout(done, 70));
      await cutConnections();
    }
    expect(await Promise.all(appending)).toEqual(tickets.map(() => 2));
    await following;
    const stored = (await store.readAll(start)).events.map(({ id }) => id);
    expect(seen).toEqual(stored);
    expect(stored.toSorted()).toEqual(tickets.flatMap(({ events }) => events.map(({ id }) => id)).toSorted());
  });
});
