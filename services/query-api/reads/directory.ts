import type { Kysely } from 'kysely';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

type Db = Kysely<ReadDatabase>;

/** All groups with their members in order of name: a desk has few. */
export async function groupsWithMembers(db: Db) {
  const [groups, members] = await Promise.all([
    onReadDb(() => db.selectFrom('groups').selectAll().orderBy('name').orderBy('id').execute()),
    onReadDb(() =>
      db
        .selectFrom('group_members')
        .innerJoin('people', 'people.id', 'group_members.person_id')
        .select(['group_members.group_id', 'people.id', 'people.name'])
        .orderBy('people.name')
        .execute(),
    ),
  ]);
  const byGroup = Map.groupBy(members, ({ group_id }) => group_id);
  return groups.map((group) => ({ ...group, members: byGroup.get(group.id) ?? [] }));
}

/** API tokens of a person, newest first. */
export const tokensOf = (db: Db, personId: string) =>
  onReadDb(() =>
    db
      .selectFrom('api_tokens')
      .select(['id', 'role', 'label', 'issued_at', 'expires_at', 'revoked_at'])
      .where('person_id', '=', personId)
      .orderBy('issued_at', 'desc')
      .execute(),
  );
