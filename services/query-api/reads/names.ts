import type { Kysely } from 'kysely';
import type { ActorRef, PersonRef } from '#contracts/api/common.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

type Ids = Iterable<string | null | undefined>;
type Wanted = { readonly people?: Ids; readonly companies?: Ids; readonly groups?: Ids };

/** Names of people, companies and groups by id. Somebody unknown to the read models is shown by their id. */
export type Names = {
  person(id: string): PersonRef;
  personOrNull(id: string | null): PersonRef | null;
  company(id: string | null): { id: string; name: string } | null;
  group(id: string | null): { id: string; name: string } | null;
  actor(kind: 'person' | 'service', id: string): ActorRef;
};

const distinct = (ids: Ids = []): string[] => [...new Set([...ids].filter((id) => id !== null && id !== undefined))];

async function load(
  db: Kysely<ReadDatabase>,
  table: 'people' | 'companies' | 'groups',
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await onReadDb(() => db.selectFrom(table).select(['id', 'name']).where('id', 'in', ids).execute());
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Loads the names that an answer needs: one query per kind, however many rows it has. */
export async function loadNames(db: Kysely<ReadDatabase>, wanted: Wanted): Promise<Names> {
  const [people, companies, groups] = await Promise.all([
    load(db, 'people', distinct(wanted.people)),
    load(db, 'companies', distinct(wanted.companies)),
    load(db, 'groups', distinct(wanted.groups)),
  ]);
  const nameOf = (names: ReadonlyMap<string, string>, id: string) => ({ id, name: names.get(id) ?? id });
  const orNull = (names: ReadonlyMap<string, string>, id: string | null) => (id === null ? null : nameOf(names, id));
  return {
    person: (id) => nameOf(people, id),
    personOrNull: (id) => orNull(people, id),
    company: (id) => orNull(companies, id),
    group: (id) => orNull(groups, id),
    actor: (kind, id) => ({ kind, ...(kind === 'person' ? nameOf(people, id) : { id, name: id }) }),
  };
}
