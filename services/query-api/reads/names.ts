import type { Kysely } from 'kysely';
import type { ActorRef, PersonRef } from '#contracts/api/common.ts';
import { type Survivors, survivorsOf } from '#packages/read-db/identities.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

type Ids = Iterable<string | null | undefined>;
type Wanted = { readonly people?: Ids; readonly companies?: Ids; readonly groups?: Ids };

/**
 * Names of people, companies and groups by id. Of those who were merged it is who goes on for them; somebody unknown to the
 * read models is shown by their id.
 */
export type Names = {
  person(id: string): PersonRef;
  personOrNull(id: string | null): PersonRef | null;
  company(id: string | null): { id: string; name: string } | null;
  group(id: string | null): { id: string; name: string } | null;
  actor(kind: 'person' | 'service', id: string): ActorRef;
};

const distinct = (ids: Ids = []): string[] => [...new Set([...ids].filter((id) => id !== null && id !== undefined))];

async function loadGroups(db: Kysely<ReadDatabase>, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await onReadDb(() => db.selectFrom('groups').select(['id', 'name']).where('id', 'in', ids).execute());
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Who goes on for those who were merged; somebody unknown is shown by their id. */
const ones = (found: Survivors) => (id: string) => found.get(id)?.survivor ?? { id, name: id };

/** Loads the names that an answer needs: one query per kind, however many rows it has. */
export async function loadNames(db: Kysely<ReadDatabase>, wanted: Wanted): Promise<Names> {
  const [people, companies, groups] = await Promise.all([
    survivorsOf(db, 'people', distinct(wanted.people)),
    survivorsOf(db, 'companies', distinct(wanted.companies)),
    loadGroups(db, distinct(wanted.groups)),
  ]);
  const [personOf, companyOf] = [ones(people), ones(companies)];
  return {
    person: personOf,
    personOrNull: (id) => (id === null ? null : personOf(id)),
    company: (id) => (id === null ? null : companyOf(id)),
    group: (id) => (id === null ? null : { id, name: groups.get(id) ?? id }),
    // Who did something is told as the log has it.
    actor: (kind, id) => ({ kind, id, name: (kind === 'person' ? people.get(id)?.name : undefined) ?? id }),
  };
}
