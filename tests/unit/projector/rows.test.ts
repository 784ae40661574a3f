import { expect, test } from 'vitest';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { defineProjection, type RowsOf, type Table } from '#packages/projector/projection.ts';
import { foldBatch } from '#packages/projector/rows.ts';
import { createStory } from '#tests/support/story.ts';

type Group = { id: string; leader: string | null; renamed: number };
type Leader = { name: string; groups: number };
const groups: Table<Group, 'id'> = { key: ['id'], columns: { id: '', leader: '', renamed: '' }, indexes: [] };
const leaders: Table<Leader, 'name'> = { key: ['name'], columns: { name: '', groups: '' }, indexes: [] };
type Rows = RowsOf<{ groups: typeof groups; leaders: typeof leaders }>;

const projection = (fold: (event: StoredEvent, rows: Rows) => void) =>
  defineProjection({ name: 'test', version: 1, tables: { groups, leaders }, handles: ['GroupRegistered'], fold });

/** Events that rename groups; the stream is the id of the group. */
function renames(...ids: string[]): readonly StoredEvent[] {
  const story = createStory();
  for (const id of ids) story.add(id, { type: 'GroupRegistered', data: { name: id } });
  return story.log;
}

/** What the database holds, and what it has been asked for. */
function database(stored: { groups?: Group[]; leaders?: Leader[] }) {
  const asked: string[] = [];
  const query = async (table: string, keys: readonly Record<string, unknown>[]) => {
    const wanted = keys.map((key) => String(Object.values(key)[0]));
    asked.push(`${table}: ${wanted.join(' ')}`);
    const rows = table === 'groups' ? (stored.groups ?? []) : (stored.leaders ?? []);
    return rows.filter((row) => wanted.includes('id' in row ? row.id : row.name));
  };
  return { asked, query };
}

const rename = (event: StoredEvent, rows: Rows) => {
  const { stream: id } = event;
  rows.groups.put({ id, leader: null, renamed: (rows.groups.get({ id })?.renamed ?? 0) + 1 });
};

test('the rows of a batch are fetched at once, each one only once', async () => {
  const { asked, query } = database({ groups: [{ id: 'a', leader: null, renamed: 5 }] });
  const changes = await foldBatch(projection(rename), renames('a', 'b', 'a', 'b', 'a'), query);
  expect(asked).toEqual(['groups: a b']);
  expect(changes.get('groups')).toEqual({
    upserts: [
      { id: 'a', leader: null, renamed: 8 },
      { id: 'b', leader: null, renamed: 2 },
    ],
    deletes: [],
  });
});

test('nothing is fetched for rows that the batch itself has made', async () => {
  const { asked, query } = database({});
  const create = ({ stream: id }: StoredEvent, rows: Rows) => {
    rows.groups.put({ id, leader: null, renamed: 0 });
    rows.groups.patch({ id }, { renamed: 1 });
  };
  const changes = await foldBatch(projection(create), renames('a'), query);
  expect(asked).toEqual([]);
  expect(changes.get('groups')?.upserts).toEqual([{ id: 'a', leader: null, renamed: 1 }]);
});

test('a row may lead to another one', async () => {
  const { asked, query } = database({
    groups: [{ id: 'a', leader: 'Ann', renamed: 0 }],
    leaders: [{ name: 'Ann', groups: 3 }],
  });
  const count = ({ stream: id }: StoredEvent, rows: Rows) => {
    const name = rows.groups.get({ id })?.leader;
    if (name) rows.leaders.put({ name, groups: (rows.leaders.get({ name })?.groups ?? 0) + 1 });
  };
  const changes = await foldBatch(projection(count), renames('a', 'a'), query);
  expect(asked).toEqual(['groups: a', 'leaders: Ann']);
  expect(changes.get('leaders')?.upserts).toEqual([{ name: 'Ann', groups: 5 }]);
});

test('deleted and put again, a row is put; put and deleted, it is deleted', async () => {
  const change = ({ stream: id }: StoredEvent, rows: Rows) => {
    const row = { id, leader: null, renamed: 0 };
    if (id === 'a') rows.groups.delete({ id });
    rows.groups.put(row);
    if (id === 'b') rows.groups.delete({ id });
    expect(rows.groups.get({ id })).toEqual(id === 'a' ? row : undefined);
  };
  const changes = await foldBatch(projection(change), renames('a', 'b'), database({}).query);
  expect(changes.get('groups')).toMatchObject({ upserts: [{ id: 'a' }], deletes: [{ id: 'b' }] });
});

test('a fold that fails only because a row was not there yet is run again', async () => {
  const { query } = database({ groups: [{ id: 'a', leader: null, renamed: 1 }] });
  const strict = ({ stream: id }: StoredEvent, rows: Rows) => {
    const row = rows.groups.get({ id });
    if (!row) throw new Error(`no group ${id}`);
    rows.groups.put({ ...row, renamed: row.renamed + 1 });
  };
  const changes = await foldBatch(projection(strict), renames('a'), query);
  expect(changes.get('groups')?.upserts).toMatchObject([{ renamed: 2 }]);
  await expect(foldBatch(projection(strict), renames('b'), query)).rejects.toThrow('no group b');
});

test('a fold that never has enough rows is stopped', async () => {
  let next = 0;
  const greedy = (_event: StoredEvent, rows: Rows) => {
    next += 1;
    rows.groups.get({ id: String(next) });
  };
  await expect(foldBatch(projection(greedy), renames('a'), database({}).query)).rejects.toThrow('still asks for rows');
});
