import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Mentionable } from '#contracts/api/ticket-conversation.ts';
import type { Role } from '#contracts/primitives.ts';
import { servingRoles } from '#packages/commands/directory-facts.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import { containing, startingWith } from './paging.ts';

type PersonFound = { id: string; name: string; roles: readonly Role[]; email: string | null };

/** Words that are looked for; more tell no more. */
const maxWords = 5;

/** True for people of whom a word is part of the name, of the login, of a mail address, or of a mail domain of their company. */
const isOfPerson = (word: string): RawBuilder<boolean> => {
  const within = containing(word);
  const address = within.toLowerCase();
  return sql<boolean>`(p.name ilike ${within} or p.login like ${address}
    or p.id in (select e.person_id from read.person_emails e where e.email like ${address})
    or p.company_id in (select d.company_id from read.company_domains d where d.domain like ${address}))`;
};

/**
 * People and groups that a few letters may mean: parts of a name in any order, of a login, of a mail address, or a mail domain
 * of the person or of their company. What begins so comes first, groups before people. Who was merged is found as who goes
 * on for them. A leading `@`, as it is typed in front of a name, counts for nothing. Rejects with READ_MODEL_UNAVAILABLE or
 * TIMEOUT.
 */
export async function findMentionable(
  db: Kysely<ReadDatabase>,
  { limit, q }: { q: string; limit: number },
): Promise<readonly Mentionable[]> {
  const text = q.trim().replace(/^@(?=.)/, '');
  const words = text.split(/\s+/).slice(0, maxWords);
  const first = startingWith(text);
  const address = containing(words[0] ?? text).toLowerCase();
  const [groups, people] = await Promise.all([
    onReadDb(() =>
      db
        .selectFrom('groups')
        .select(['id', 'name'])
        .where(({ and, eb }) => and(words.map((word) => eb('name', 'ilike', containing(word)))))
        .orderBy(sql`(name ilike ${first})`, 'desc')
        .orderBy('name')
        .limit(limit)
        .execute(),
    ),
    onReadDb(async () => {
      const { rows } = await sql<PersonFound>`
        with recursive up (id, merged_into) as (
          select p.id, p.merged_into from read.people p
          where ${sql.join(words.map(isOfPerson), sql` and `)}
          union
          select next.id, next.merged_into from up join read.people next on next.id = up.merged_into)
        select p.id, p.name, p.roles,
          (select e.email from read.person_emails e where e.person_id = p.id
           order by (e.email like ${address}) desc, e.email is not distinct from p.main_email desc, e.email limit 1) as email
        from up join read.people p on p.id = up.id and up.merged_into is null
        order by (p.name ilike ${first} or p.login like ${first.toLowerCase()}) desc nulls last, p.name, p.id
        limit ${limit}`.execute(db);
      return rows;
    }),
  ]);
  return [
    ...groups.map(({ id, name }) => ({ kind: 'group' as const, id, name, email: null, side: null })),
    ...people.map(({ email, id, name, roles }) => {
      const side = roles.some((role) => servingRoles.has(role)) ? ('desk' as const) : ('client' as const);
      return { kind: 'person' as const, id, name, email, side };
    }),
  ].slice(0, limit);
}
