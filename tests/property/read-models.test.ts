import fc from 'fast-check';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { statuses } from '#contracts/primitives.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { transaction } from '#packages/postgres/transaction.ts';
import { createProjectorAdmin } from '#packages/projector/admin.ts';
import { createApply } from '#packages/projector/apply.ts';
import { createTables } from '#packages/projector/generations.ts';
import type { AnyProjection } from '#packages/projector/projection.ts';
import { createProjector } from '#packages/projector/projector.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import { rowsToJson, tableSql } from '#packages/projector/table-sql.ts';
import { createProjectionWatch } from '#packages/projector/watch.ts';
import { projections } from '#projections/all.ts';
import { type HistoryStep, historyActions, historyOf } from '#tests/support/history.ts';
import { log, openDesk, rowsOf } from '#tests/support/read-models.ts';
import { appendAll } from '#tests/support/story.ts';

const step: fc.Arbitrary<HistoryStep> = fc.record({
  action: fc.constantFrom(...historyActions),
  ticket: fc.nat({ max: 4 }),
  pick: fc.nat({ max: 63 }),
  minutes: fc.nat({ max: 600 }),
});
const steps = fc.array(step, { minLength: 20, maxLength: 120, size: 'max' });
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 });

/** Splits events into batches of these sizes, over and over. */
function* batches<T>(events: readonly T[], lengths: readonly number[]): Generator<readonly T[]> {
  for (let from = 0, n = 0; from < events.length; n += 1) {
    const length = lengths[n % lengths.length] ?? 1;
    yield events.slice(from, from + length);
    from += length;
  }
}

/** Rows of all tables of a read model in a schema, in an order of their own. */
async function contents(client: pg.ClientBase, schema: string, { tables }: AnyProjection): Promise<string[]> {
  const found: string[] = [];
  for (const table of Object.keys(tables)) {
    const { rows } = await client.query(`select to_jsonb(t) as row from ${schema}.${table} t`);
    found.push(...rows.map(({ row }) => `${table} ${JSON.stringify(row)}`));
  }
  return found.sort();
}

test('however a log is cut into batches, the rows are those of one fold in memory', async () => {
  const { pool } = await openDesk();
  let rowsSeen = 0;
  const check = async (events: readonly StoredEvent[], lengths: readonly number[], projection: AnyProjection) => {
    const handled = events.filter(({ type }) => projection.handles.includes(type));
    await transaction(
      pool,
      async (client) => {
        for (const schema of ['whole', 'cut', 'memory']) await createTables(client, schema, projection);
        await createApply('whole', projection)(client, handled);
        const apply = createApply('cut', projection);
        for (const batch of batches(handled, lengths)) await apply(client, batch);
        for (const [name, rows] of Object.entries(foldAlone(projection, events)))
          await client.query(tableSql('memory', name, projection.tables[name]!).upsert, [rowsToJson(rows)]);
        const whole = await contents(client, 'whole', projection);
        expect(await contents(client, 'cut', projection)).toEqual(whole);
        expect(await contents(client, 'memory', projection)).toEqual(whole);
        rowsSeen += whole.length;
      },
      { end: 'rollback' },
    );
  };
  await fc.assert(
    fc.asyncProperty(steps, sizes, async (history, lengths) => {
      const events = historyOf(history);
      for (const projection of projections) await check(events, lengths, projection);
    }),
    { numRuns: 12 },
  );
  expect(rowsSeen).toBeGreaterThan(100);
}, 120_000);

test('read models kept up to date event by event are equal to those dropped and built anew', async () => {
  const { pool, store } = await openDesk();
  const [history = []] = fc.sample(fc.array(step, { minLength: 1_000, maxLength: 1_000, size: 'max' }), 1);
  // The last one has work and a tag, is resolved and rated, so that these leave rows and a timer is armed in the end; and
  // nobody leaves a group, cancels an absence or gives up a telephone any more.
  const worked: HistoryStep = { action: 'work', ticket: 9, pick: 0, minutes: 1 };
  const tagged: HistoryStep = { action: 'tags', ticket: 9, pick: 0, minutes: 1 };
  const resolved: HistoryStep = { action: 'status', ticket: 9, pick: statuses.indexOf('resolved'), minutes: 1 };
  const rated: HistoryStep = { action: 'rate', ticket: 9, pick: 0, minutes: 1 };
  const joined: HistoryStep = { action: 'member', ticket: 9, pick: 12, minutes: 1 };
  const absent: HistoryStep = { action: 'profile', ticket: 9, pick: 12, minutes: 1 };
  const reached: HistoryStep = { action: 'person', ticket: 9, pick: 8, minutes: 1 };
  const events = historyOf([...history, worked, tagged, resolved, rated, joined, absent, reached]);
  const views = projections.flatMap(({ tables }) => Object.keys(tables));
  const everything = async () => Promise.all(views.map((view) => rowsOf(pool, view)));
  const running = async (work: () => Promise<void>) => {
    const projector = createProjector({ projections, pool, store, log });
    await projector.start();
    await projector.waitUntilLive(AbortSignal.timeout(10_000));
    const watch = createProjectionWatch({ pool, names: projections.map(({ name }) => name), log });
    await work();
    expect(await watch.waitFor(BigInt(events.length), 20_000)).toBe(true);
    await watch.close();
    await projector.stop();
  };

  await running(async () => {
    for (const batch of batches(events, [1, 7, 40])) await appendAll(store, batch);
  });
  const kept = await everything();
  await pool.query('drop schema read cascade');
  for (const { schema_name } of (await pool.query('delete from desk.projections returning schema_name')).rows)
    await pool.query(`drop schema ${schema_name} cascade`);
  await pool.query('create schema read');
  await running(async () => undefined);

  expect(await everything()).toEqual(kept);
  expect(views.filter((_view, index) => kept[index]?.length === 0)).toEqual([]);
  const admin = createProjectorAdmin({ projections, pool, store, log });
  for (const { name } of projections) expect((await admin.verify(name)).differences).toEqual([]);
}, 120_000);
