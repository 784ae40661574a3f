import fc from 'fast-check';
import type pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EventStore } from '#packages/event-store/port.ts';
import { createPostgresEventStore, migrateEventLog } from '#packages/event-store/postgres/store.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import { newId } from '#packages/kernel/ids.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { createPool } from '#packages/postgres/pool.ts';
import { newTicketStream, notes } from '#tests/support/log-events.ts';
import { faults, type Life, polling, readWithCrashes, type Seen } from '#tests/support/log-reader.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/postgres.ts';

const log = pino({ level: 'silent' });
const none = { lost: 0, doubled: 0, reordered: 0 };

let database: TestDatabase;
let pool: pg.Pool;
beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ connection: database.connection, log, name: 'test', max: 20 });
});
afterEach(async () => {
  await pool?.end();
  await database?.drop();
});

const life: fc.Arbitrary<Life> = fc.record({
  pages: fc.integer({ min: 1, max: 6 }),
  limit: fc.integer({ min: 1, max: 40 }),
  loses: fc.boolean(),
});
const lives = fc.array(life, { minLength: 3, maxLength: 6 });
const pause = fc.integer({ min: 0, max: 40 });
/** One transaction that somebody else runs on the tables of the log: slow, and rolled back or not. */
const disturbance = fc.record({
  act: fc.constantFrom('lock', 'append', 'fail'),
  holdMs: pause,
  commits: fc.boolean(),
  restMs: pause,
});
/** One append: to which of the shared streams, how many events, and whether it is sent twice. */
const append = fc.record({ stream: fc.nat(7), count: fc.integer({ min: 1, max: 3 }), twice: fc.boolean() });
type ValueOf<A> = A extends fc.Arbitrary<infer Value> ? Value : never;

const scenario = fc.record({
  writers: fc.array(fc.array(append, { minLength: 20, maxLength: 40 }), { minLength: 6, maxLength: 9 }),
  disturbances: fc.array(disturbance, { minLength: 5, maxLength: 15 }),
  readers: fc.array(lives, { minLength: 2, maxLength: 3 }),
});

/** Writes its appends one after the other; gives the ids that were acknowledged. */
async function write(
  store: EventStore,
  streams: readonly string[],
  appends: readonly ValueOf<typeof append>[],
): Promise<string[]> {
  const acknowledged: string[] = [];
  const versions = new Map<string, number>();
  for (const { stream: index, count, twice } of appends) {
    const stream = streams[index] ?? '';
    const events = notes(count);
    const send = () => store.append(stream, versions.get(stream) ?? 0, events);
    try {
      const [{ version }] = await Promise.all(twice ? [send(), send()] : [send()]);
      versions.set(stream, version);
      acknowledged.push(...events.map(({ id }) => id));
    } catch (error) {
      if (!isAppError(error, 'VERSION_CONFLICT')) throw error;
      versions.set(stream, Number(error.extra['actual'])); // Somebody else was faster: from there next time.
    }
  }
  return acknowledged;
}

/** Gives the id of its event when that was committed. */
async function disturb({ act, holdMs, commits, restMs }: ValueOf<typeof disturbance>): Promise<string[]> {
  const client = await pool.connect();
  const id = newId();
  await client.query('begin');
  if (act === 'lock') await client.query('select from log.head for update');
  else
    await client.query(`select * from log.append($1, '{0}', '{1}', '{1}', '{1}', $2, 'TicketCommented', '{}', '{}')`, [
      newTicketStream(),
      `{${id}}`,
    ]);
  await sleep(holdMs);
  if (act === 'fail') await client.query('select 1 / 0').catch(() => undefined);
  await client.query(commits ? 'commit' : 'rollback');
  client.release();
  await sleep(restMs);
  return act === 'append' && commits ? [id] : [];
}

async function contents(): Promise<(Seen & { stream: string; version: number })[]> {
  return (await pool.query('select position, id, stream, version from log.events order by position')).rows;
}

test('readers that crash see every event once and in order, whatever writers and other transactions do', async () => {
  await migrateEventLog(pool);
  const play = async ({ writers, disturbances, readers }: ValueOf<typeof scenario>) => {
    await pool.query('truncate log.events');
    await pool.query('update log.head set position = 0');
    const stores = [1, 2, 3].map(() => createPostgresEventStore({ connection: database.connection, log }));
    const storeOf = (index: number) => stores[index % stores.length] as EventStore;
    const streams = Array.from({ length: 8 }, newTicketStream);
    let end: bigint | null = null;
    const reading = readers.map((lives, index) =>
      readWithCrashes(
        (after, options) => storeOf(index).subscribe(after, options),
        lives,
        () => end,
      ),
    );
    const disturbing = (async () => {
      const committed: string[] = [];
      for (const each of disturbances) committed.push(...(await disturb(each)));
      return committed;
    })();
    const written = await Promise.all([
      ...writers.map((appends, index) => write(storeOf(index), streams, appends)),
      disturbing,
    ]);
    end = await storeOf(0).head();
    const seen = await Promise.all(reading);
    await Promise.all(stores.map((store) => store.close()));

    const stored = await contents();
    expect(stored.map(({ position }) => position)).toEqual(stored.map((_, index) => BigInt(index + 1)));
    expect(stored.map(({ id }) => id).toSorted()).toEqual(written.flat().toSorted());
    for (const events of Map.groupBy(stored, ({ stream }) => stream).values())
      expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
    for (const events of seen) expect(faults(stored, events)).toEqual(none);
  };
  await fc.assert(fc.asyncProperty(scenario, play), { numRuns: 5, endOnFailure: true });
}, 120_000);

test('the same check finds what is lost in a log whose positions come from a sequence', async () => {
  await pool.query('create table naive (position bigserial primary key, id uuid not null)');
  const write = (client: pg.Pool | pg.PoolClient = pool) =>
    client.query('insert into naive (id) values ($1)', [newId()]);
  let place = 0n;
  let end: bigint | null = null;
  const read = async (after: bigint, limit: number) => {
    place = after;
    const text = 'select position, id from naive where position > $1 order by position limit $2';
    const events = (await pool.query<Seen>(text, [after, limit])).rows;
    return { events, scannedTo: events.at(-1)?.position ?? after };
  };
  const reading = readWithCrashes(polling(read), [{ pages: 2, limit: 3, loses: false }], () => end);
  const slow = await pool.connect();
  for (let count = 0; count < 5; count += 1) await write();
  await slow.query('begin');
  await write(slow); // Has position 6, but commits it after others have committed 7 to 11 and the reader went past.
  for (let count = 0; count < 5; count += 1) await write();
  while (place < 11n) await sleep(5);
  await slow.query('commit');
  slow.release();
  await write();
  end = 12n;
  const stored = (await pool.query<Seen>('select position, id from naive order by position')).rows;
  expect(faults(stored, await reading)).toEqual({ lost: 1, doubled: 0, reordered: 0 });
});
