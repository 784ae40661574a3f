import { expect, test } from 'vitest';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { createApply } from '#packages/projector/apply.ts';
import { createTables } from '#packages/projector/generations.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import { openDesk } from '#tests/support/read-models.ts';
import { createStory } from '#tests/support/story.ts';

type Row = {
  a: string;
  b: number;
  position: bigint;
  at: Date | null;
  day: string;
  list: readonly string[];
  json: unknown;
  text: string;
};
const rows: Table<Row, 'a' | 'b'> = {
  key: ['a', 'b'],
  columns: {
    a: 'text not null',
    b: 'integer not null',
    position: 'bigint not null',
    at: 'timestamptz',
    day: 'date not null',
    list: 'text[] not null',
    json: 'jsonb',
    text: 'text not null',
  },
  indexes: ['(position) where at is null'],
};
const row: Row = {
  a: 'x',
  b: 1,
  position: 9_007_199_254_740_993n,
  at: new Date('2026-03-29T01:30:00.123Z'),
  day: '2026-03-29',
  list: ['{"a,b"}', '', 'ü \\ "'],
  json: { nested: [1, null, { 'with "quotes"': true }] },
  text: 'first\nsecond',
};

/** A table in the database, and folds run against it one by one. */
async function openTable() {
  const { pool } = await openDesk();
  const client = await pool.connect();
  const [event] = eventIn();
  const run = (fold: Parameters<typeof projectionOf>[0]) => createApply('test', projectionOf(fold))(client, [event]);
  await createTables(
    client,
    'test',
    projectionOf(() => undefined),
  );
  const stored = async () => (await client.query('select * from test.rows')).rows;
  return { run, stored, release: () => client.release() };
}

const projectionOf = (
  fold: (table: {
    get(key: Pick<Row, 'a' | 'b'>): Row | undefined;
    put(row: Row): void;
    delete(key: Pick<Row, 'a' | 'b'>): void;
  }) => void,
) =>
  defineProjection({
    name: 'test',
    version: 1,
    tables: { rows },
    handles: ['GroupRegistered'],
    fold: (_event, { rows: table }) => fold(table),
  });

function eventIn(): [StoredEvent] {
  const story = createStory();
  return [story.add('group-1', { type: 'GroupRegistered', data: { name: 'x' } })];
}

test('rows come back as they were put: large numbers, instants, days, lists, documents', async () => {
  const { release, run, stored } = await openTable();
  await run((table) => table.put(row));
  expect(await stored()).toEqual([row]);
  let loaded: Row | undefined;
  await run((table) => {
    loaded = table.get({ a: 'x', b: 1 });
    if (loaded) table.put({ ...loaded, at: null, list: [], json: null });
  });
  expect(loaded).toEqual(row);
  expect(await stored()).toEqual([{ ...row, at: null, list: [], json: null }]);
  release();
});

test('text that PostgreSQL cannot store is mended instead of stopping the read model', async () => {
  const { release, run, stored } = await openTable();
  await run((table) => table.put({ ...row, text: 'nul \0, half \ud83d', json: { text: '\0' }, list: ['\udc00'] }));
  expect(await stored()).toEqual([
    { ...row, text: 'nul \uFFFD, half \uFFFD', json: { text: '\uFFFD' }, list: ['\uFFFD'] },
  ]);
  release();
});

test('a deleted row is gone, others with part of its key stay', async () => {
  const { release, run, stored } = await openTable();
  await run((table) => {
    table.put(row);
    table.put({ ...row, b: 2 });
  });
  await run((table) => table.delete({ a: 'x', b: 1 }));
  expect(await stored()).toEqual([{ ...row, b: 2 }]);
  release();
});
