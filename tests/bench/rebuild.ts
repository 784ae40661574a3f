import pg from 'pg';
import { createPostgresEventStore, migrateEventLog } from '#packages/event-store/postgres/store.ts';
import { clientConfig, createPool } from '#packages/postgres/pool.ts';
import { createProjectorAdmin } from '#packages/projector/admin.ts';
import { migrateReadDb } from '#packages/read-db/migrate.ts';
import { projections } from '#projections/all.ts';
import { type HistoryStep, historyOf } from '#tests/support/history.ts';
import { appendAll } from '#tests/support/story.ts';
import type { BenchEnvironment, Benchmark } from './benchmark.ts';

const tickets = 800;
const stepsPerTicket = 12;
const pageSize = 1_000;
const database = 'bench_rebuild';

const ordinaryDay = [
  'process',
  'assign',
  'agent',
  'send',
  'sent',
  'customer',
  'agent',
  'note',
  'status',
  'priority',
] as const;

/** What happens to tickets on ordinary days, the same in every run. */
function* steps(): Generator<HistoryStep> {
  let seed = 42;
  // mulberry32: any numbers will do, as long as they are always the same.
  const below = (limit: number) => {
    seed = (seed + 0x6d2b79f5) | 0;
    const mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  for (let n = 0; n < tickets * stepsPerTicket; n += 1) {
    // Tickets live side by side for a while, the old ones give way to new ones.
    const ticket = Math.floor(n / stepsPerTicket) + below(50);
    yield { ticket, action: ordinaryDay[below(ordinaryDay.length)] ?? 'note', pick: below(100_000), minutes: below(4) };
  }
}

/** A log of ordinary days in a database of its own, and what is needed to rebuild read models from it. */
async function open({ connection, log }: BenchEnvironment) {
  const run = async (statement: string) => {
    const client = new pg.Client(clientConfig({ connection, name: 'bench' }));
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await run(`drop database if exists ${database} with (force)`);
  await run(`create database ${database}`);
  const own = { ...connection, database };
  const pool = createPool({ connection: own, log, name: 'bench', max: 4 });
  await migrateEventLog(pool);
  await migrateReadDb(pool);
  const store = createPostgresEventStore({ connection: own, log });
  const events = historyOf([...steps()]);
  await appendAll(store, events);
  await pool.query('vacuum analyze log.events');
  const close = async () => {
    await store.close();
    await pool.end();
    await run(`drop database ${database} with (force)`);
  };
  return { pool, store, count: events.length, close, admin: createProjectorAdmin({ projections, pool, store, log }) };
}

const rebuilding = (name: string, context: string, names: readonly string[]): Benchmark => ({
  name,
  unit: 'events/s',
  context,
  async prepare(environment) {
    const { admin, close, count, pool } = await open(environment);
    const perSecond = async (work: () => Promise<void>) => {
      const began = performance.now();
      await work();
      return (count * 1_000) / (performance.now() - began);
    };
    return {
      ours: () =>
        perSecond(async () => {
          for (const each of names) await admin.rebuild(each);
        }),
      baseline: () =>
        perSecond(async () => {
          const text = 'select * from log.events where position > $1 order by position limit $2';
          for (let after: bigint | undefined = 0n; after !== undefined; )
            after = (await pool.query({ name: 'raw', text, values: [after, pageSize] })).rows.at(-1)?.position;
        }),
      close,
    };
  },
});

export const rebuildBenchmarks = [
  rebuilding('rebuild-tickets', 'ticket list built anew and switched over; raw SELECT of the log', ['tickets']),
  rebuilding(
    'rebuild-all',
    `all ${projections.length} read models one after another; raw SELECT of the log`,
    projections.map(({ name }) => name),
  ),
];
