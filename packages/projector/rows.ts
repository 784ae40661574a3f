import type { EventType } from '#contracts/events/all.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { AnyProjection, AnyRow, AnyTable, Projection, RowOf, RowSet, Tables } from './projection.ts';

/** Rows lead to rows (a ticket to its agent), but not far: more passes than this mean that a fold asks in circles. */
const maxPasses = 10;

/** What a batch leaves behind in one table; deletes hold at least the key columns. */
export type TableChanges = { readonly upserts: readonly AnyRow[]; readonly deletes: readonly AnyRow[] };

/** Fetches those of the rows that the table has. */
export type RowQuery = (table: string, keys: readonly AnyRow[]) => Promise<readonly AnyRow[]>;

/** Identity map of one table: each row once, read from the table when asked for, changed in memory only. */
function createRowMap(table: AnyTable) {
  const stored = new Map<string, AnyRow | undefined>();
  const wanted = new Map<string, AnyRow>();
  /** By id the key, and the row unless it is to be deleted. */
  const changed = new Map<string, { key: AnyRow; row: AnyRow | undefined }>();
  const idOf = (key: AnyRow): string => table.key.map((column) => String(key[column])).join('\u0000');

  const set: RowSet<AnyRow, AnyRow> = {
    get: (key) => {
      const id = idOf(key);
      const change = changed.get(id);
      if (change) return change.row;
      if (!stored.has(id)) wanted.set(id, key);
      return stored.get(id);
    },
    put: (row) => {
      changed.set(idOf(row), { key: row, row });
    },
    patch: (key, changes) => {
      const row = set.get(key);
      if (row) set.put({ ...row, ...changes });
    },
    delete: (key) => {
      changed.set(idOf(key), { key, row: undefined });
    },
  };

  return {
    set,
    forgetChanges: () => changed.clear(),
    wanted: () => [...wanted.values()],
    learn: (rows: readonly AnyRow[]) => {
      for (const id of wanted.keys()) stored.set(id, undefined);
      for (const row of rows) stored.set(idOf(row), row);
      wanted.clear();
    },
    changes: (): TableChanges => {
      const all = [...changed.values()];
      return {
        upserts: all.map(({ row }) => row).filter((row) => row !== undefined),
        deletes: all.filter(({ row }) => row === undefined).map(({ key }) => key),
      };
    },
  };
}

function createRowMaps({ tables }: AnyProjection) {
  const maps = new Map(Object.entries(tables).map(([name, table]) => [name, createRowMap(table)]));
  return { maps, rows: Object.fromEntries([...maps].map(([name, map]) => [name, map.set])) };
}

/**
 * Folds a batch of events into the rows they touch and tells by table what has changed. A fold asks for rows as if all
 * were there. As it is pure, it is simply run again once those that it lacked have been fetched, with one query per
 * table: two passes as a rule, one where nothing is read.
 */
export async function foldBatch(
  projection: AnyProjection,
  events: readonly StoredEvent[],
  query: RowQuery,
): Promise<ReadonlyMap<string, TableChanges>> {
  const { maps, rows } = createRowMaps(projection);
  for (let pass = 1; pass <= maxPasses; pass += 1) {
    for (const map of maps.values()) map.forgetChanges();
    let failure: { error: unknown } | undefined;
    try {
      for (const event of events) projection.fold(event, rows);
    } catch (error) {
      failure = { error };
    }
    const lacking = [...maps].filter(([, map]) => map.wanted().length > 0);
    if (lacking.length === 0) {
      if (failure) throw failure.error;
      return new Map([...maps].map(([name, map]) => [name, map.changes()]));
    }
    // What failed may have failed for want of a row.
    for (const [name, map] of lacking) map.learn(await query(name, map.wanted()));
  }
  throw new Error(`the fold of ${projection.name} still asks for rows after ${maxPasses} passes`);
}

/** Folds all events that a projection handles into an empty read model, without a database; the rows by table. */
export function foldAlone<E extends EventType, T extends Tables>(
  projection: Projection<E, T> & AnyProjection,
  events: readonly StoredEvent[],
): { readonly [N in keyof T]: readonly RowOf<T[N]>[] } {
  const { maps, rows } = createRowMaps(projection);
  for (const event of events) if (includes(projection.handles, event.type)) projection.fold(event, rows);
  const all = [...maps].map(([name, map]) => [name, map.changes().upserts]);
  return Object.fromEntries(all);
}

const includes = (types: readonly EventType[], type: EventType): boolean => types.includes(type);
