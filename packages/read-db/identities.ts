import { type Kysely, sql } from 'kysely';
import { onReadDb } from './query.ts';
import type { ReadDatabase } from './tables.ts';

type Db = Kysely<ReadDatabase>;
export type Merged = 'people' | 'companies';

/** By id the name, and who goes on for them: they themselves unless they were merged. */
export type Survivors = ReadonlyMap<string, { readonly name: string; readonly survivor: { id: string; name: string } }>;

/** Names of people or companies, with who goes on for those who were merged, however often. */
export async function survivorsOf(db: Db, table: Merged, ids: readonly string[]): Promise<Survivors> {
  if (ids.length === 0) return new Map();
  const { rows } = await onReadDb(() =>
    sql<{ asked: string; name: string; id: string; survivor: string }>`
      with recursive up (asked, name, id, survivor, merged_into) as (
        select id, name, id, name, merged_into from read.${sql.raw(table)} where id = any(${[...ids]}::uuid[])
        union
        select up.asked, up.name, next.id, next.name, next.merged_into
          from up join read.${sql.raw(table)} next on next.id = up.merged_into)
      select asked, name, id, survivor from up where merged_into is null`.execute(db),
  );
  return new Map(rows.map(({ asked, id, name, survivor }) => [asked, { name, survivor: { id, name: survivor } }]));
}

/** By id the people or companies that were merged into each, directly or by way of another, in order of name. */
export async function absorbedBy(
  db: Db,
  table: Merged,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly { id: string; name: string }[]>> {
  if (ids.length === 0) return new Map();
  const { rows } = await onReadDb(() =>
    sql<{ root: string; id: string; name: string }>`
      with recursive down (root, id, name) as (
        select merged_into, id, name from read.${sql.raw(table)} where merged_into = any(${[...ids]}::uuid[])
        union
        select down.root, next.id, next.name from down join read.${sql.raw(table)} next on next.merged_into = down.id)
      select root, id, name from down order by name, id`.execute(db),
  );
  const byRoot = Map.groupBy(rows, ({ root }) => root);
  return new Map([...byRoot].map(([root, group]) => [root, group.map(({ id, name }) => ({ id, name }))]));
}

/** All ids that somebody goes by: who goes on, and everybody merged into them. Of an unknown id, that id alone. */
export async function idsOfOne(db: Db, table: Merged, id: string): Promise<readonly string[]> {
  const survivor = (await survivorsOf(db, table, [id])).get(id)?.survivor.id ?? id;
  const absorbed = (await absorbedBy(db, table, [survivor])).get(survivor) ?? [];
  return [survivor, ...absorbed.map((each) => each.id)];
}
