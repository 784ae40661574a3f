import type pg from 'pg';
import { streams } from '#contracts/events/streams.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { createPostgresEventStore, migrateEventLog } from '#packages/event-store/postgres/store.ts';
import { newId } from '#packages/kernel/ids.ts';
import { createPool } from '#packages/postgres/pool.ts';
import { type BenchEnvironment, type Benchmark, ratePerSecond } from './benchmark.ts';
import { ticketComment } from './payload.ts';
import { createRawTable } from './raw-table.ts';

const roundMs = 700;
const tickets = 1_000;
const eventsPerTicket = 50;
const pageSize = 1_000;
const columns = 'position, stream, version, id, type, data, metadata';

type Library = {
  readonly store: EventStore;
  readonly pool: pg.Pool;
  readonly names: readonly string[];
  close(): Promise<void>;
};

/** The same tickets in the log and in a plain table that has the index which its readers need. */
async function fill({ connection, log }: BenchEnvironment): Promise<Library> {
  const pool = createPool({ connection, log, name: 'bench raw', max: 8 });
  await migrateEventLog(pool);
  await createRawTable(pool);
  const store = createPostgresEventStore({ connection, log });
  const names = Array.from({ length: tickets }, () => streams.ticket(newId()));
  const start = await store.head();
  for (let version = 0; version < eventsPerTicket; version += 5)
    await Promise.all(names.map((name) => store.append(name, version, Array.from({ length: 5 }, ticketComment))));
  await pool.query(
    `insert into raw_events (stream, version, id, type, data, metadata)
    select stream, version, id, type, data, metadata from log.events where position > $1 order by position`,
    [start],
  );
  await pool.query('create unique index on raw_events (stream, version)');
  await pool.query('vacuum analyze raw_events, log.events');
  return {
    store,
    pool,
    names,
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}

const loadStream: Benchmark = {
  name: 'load-stream',
  unit: 'streams/s',
  context: `one ticket of ${eventsPerTicket} events after another; raw SELECT of the same rows`,
  async prepare(environment) {
    const { store, pool, names, close } = await fill(environment);
    let next = 0;
    const pick = (): string => {
      next = (next + 7) % names.length;
      return names[next] ?? '';
    };
    const must = (events: number) => {
      if (events !== eventsPerTicket) throw new Error(`read ${events} events of a ticket of ${eventsPerTicket}`);
    };
    return {
      ours: () => ratePerSecond(1, roundMs, async () => must((await store.readStream(pick())).length)),
      baseline: () =>
        ratePerSecond(1, roundMs, async () => {
          const text = `select ${columns} from raw_events where stream = $1 order by version`;
          must((await pool.query({ name: 'raw-stream', text, values: [pick()] })).rows.length);
        }),
      close,
    };
  },
};

const readLog: Benchmark = {
  name: 'read-log',
  unit: 'events/s',
  context: `${(tickets * eventsPerTicket).toLocaleString('en')} events in pages of ${pageSize}; raw SELECT of the same pages`,
  async prepare(environment) {
    const { store, pool, close } = await fill(environment);
    const start = (await store.head()) - BigInt(tickets * eventsPerTicket);
    /** Reads all pages; gives events per second. */
    const through = async (after: bigint, page: (after: bigint) => Promise<readonly { position: bigint }[]>) => {
      const began = performance.now();
      let count = 0;
      for (let events = await page(after); events.length > 0; events = await page(events.at(-1)?.position ?? 0n))
        count += events.length;
      if (count !== tickets * eventsPerTicket) throw new Error(`read ${count} events`);
      return (count * 1_000) / (performance.now() - began);
    };
    const rawPage = async (after: bigint) => {
      const text = `select ${columns} from raw_events where position > $1 order by position limit $2`;
      return (await pool.query({ name: 'raw-page', text, values: [after, pageSize] })).rows;
    };
    return {
      ours: () => through(start, async (after) => (await store.readAll(after, { limit: pageSize })).events),
      baseline: () => through(0n, rawPage),
      close,
    };
  },
};

export const readBenchmarks = [loadStream, readLog];
