import { type Kysely, sql } from 'kysely';
import type { EventStore } from '#packages/event-store/port.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import { isSameNumber, wholeNumberQuery } from './directory-words.ts';
import { survivorsOf } from './identities.ts';
import { onReadDb } from './query.ts';
import type { ReadDatabase } from './tables.ts';

/** Longest wait for those who were registered a moment ago: a caller is on the line. */
const patienceMs = 300;
/** Most that are told of. A switchboard is the number of many. */
const maxKnown = 10;
/** Numbers that are looked at for each number asked about. */
const maxLooked = 200;

export type KnownCaller = {
  readonly id: string;
  readonly name: string;
  readonly matched: readonly ('phone' | 'email')[];
};
/** Those who have one of the numbers (as they are kept) or addresses (normalised), in order of name. */
export type FindCallers = (asked: {
  readonly phones: readonly string[];
  readonly emails: readonly string[];
}) => Promise<readonly KnownCaller[]>;

/**
 * Finds people who are known by a number or an address already. Somebody registered just now may be missed when the read
 * models lag: this is advice to an operator. Rejects with READ_MODEL_UNAVAILABLE, STORE_UNAVAILABLE or TIMEOUT.
 */
export function createFindCallers(deps: {
  db: Kysely<ReadDatabase>;
  store: Pick<EventStore, 'head'>;
  watch: Pick<ProjectionWatch, 'waitFor'>;
}): FindCallers {
  const { db, store, watch } = deps;

  const byNumber = async (number: string): Promise<string[]> => {
    const rows = await db
      .selectFrom('person_phones')
      .select(['person_id', 'number'])
      .where(sql<boolean>`ends @@ ${wholeNumberQuery(number)}::tsquery`)
      .limit(maxLooked)
      .execute();
    return rows.filter((row) => isSameNumber(row.number, number)).map(({ person_id }) => person_id);
  };
  const byAddress = async (emails: readonly string[]): Promise<string[]> => {
    if (emails.length === 0) return [];
    const rows = await db.selectFrom('person_emails').select('person_id').where('email', 'in', emails).execute();
    return rows.map(({ person_id }) => person_id);
  };

  return async ({ emails, phones }) => {
    if (emails.length + phones.length === 0) return [];
    await watch.waitFor(await store.head(), patienceMs, ['people']);
    return onReadDb(async () => {
      const [callers, writers] = await Promise.all([Promise.all(phones.map(byNumber)), byAddress(emails)]);
      const [called, wrote] = [new Set(callers.flat()), new Set(writers)];
      const ids = [...called.union(wrote)];
      if (ids.length === 0) return [];
      // Who was merged is known as who goes on for them.
      const survivors = await survivorsOf(db, 'people', ids);
      const byOne = Map.groupBy(survivors, ([, { survivor }]) => survivor.id);
      const known = [...byOne.values()].flatMap((group): KnownCaller[] => {
        const of = group.map(([id]) => id);
        const matched = [
          ...(of.some((id) => called.has(id)) ? ['phone' as const] : []),
          ...(of.some((id) => wrote.has(id)) ? ['email' as const] : []),
        ];
        return group.slice(0, 1).map(([, { survivor }]) => ({ ...survivor, matched }));
      });
      return known.toSorted((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1)).slice(0, maxKnown);
    });
  };
}
