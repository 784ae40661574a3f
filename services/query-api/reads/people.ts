import { type Kysely, type RawBuilder, sql } from 'kysely';
import { type Static, Type } from 'typebox';
import type { PersonQuery } from '#contracts/api/directory.ts';
import type { Phone } from '#contracts/events/person-details.ts';
import { Uuid } from '#contracts/primitives.ts';
import { phoneNumber } from '#packages/domain/person/phone.ts';
import { decodeCursor } from '#packages/http/cursor.ts';
import { idsOfOne } from '#packages/read-db/identities.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { PersonRow } from '#packages/read-db/tables-directory.ts';
import { after, containing, KeyText, type Page, pageOf, startingWith } from './paging.ts';

type Db = Kysely<ReadDatabase>;

const byName = [sql.ref('name'), sql.ref('id')];
const Keys = Type.Tuple([KeyText, Uuid]);

/** One page of people in order of name. Who was merged is found as who goes on for them. */
export async function listPeople(
  db: Db,
  { q, role, company, limit = 50, cursor }: Static<typeof PersonQuery>,
): Promise<Page<PersonRow>> {
  const scope = { list: 'people', q: q ?? null, role: role ?? null, company: company ?? null };
  let query = db
    .selectFrom('people')
    .selectAll()
    .where('merged_into', 'is', null)
    .orderBy('name')
    .orderBy('id')
    .limit(limit + 1);
  if (role !== undefined) query = query.where(sql<boolean>`roles @> array[${role}]::text[]`);
  if (company !== undefined) query = query.where('company_id', 'in', await idsOfOne(db, 'companies', company));
  if (q !== undefined) query = query.where(found(q));
  if (cursor !== undefined) query = query.where(after('asc', byName, decodeCursor(scope, cursor, Keys)));
  const rows = await onReadDb(() => query.execute());
  return pageOf(rows, { limit, scope, keysOf: ({ id, name }) => [name, id] });
}

/** People whom a text means, or who go on for somebody whom it means. */
const found = (text: string): RawBuilder<boolean> => sql<boolean>`(${matching(text, 'people')} or people.id in (
  with recursive up (id, merged_into) as (
    select p.id, p.merged_into from read.people p where p.merged_into is not null and ${matching(text, 'p')}
    union
    select next.id, next.merged_into from up join read.people next on next.id = up.merged_into)
  select id from up where merged_into is null))`;

/** The name, login or address begins so, or a number has those digits. */
function matching(text: string, person: 'people' | 'p'): RawBuilder<boolean> {
  const pattern = startingWith(text);
  const id = sql.ref(`${person}.id`);
  const digits = dialled(text);
  const byNumber =
    digits === null
      ? sql``
      : sql`or exists (select from read.person_phones where person_id = ${id} and ${sameNumber(digits)})`;
  return sql<boolean>`(${sql.ref(`${person}.name`)} ilike ${pattern}
    or ${sql.ref(`${person}.login`)} like ${pattern.toLowerCase()}
    or exists (select from read.person_emails where person_id = ${id} and email like ${pattern.toLowerCase()})
    ${byNumber})`;
}

/**
 * Digits to look for among telephone numbers; null when the text is none, or so short that it would find everybody. Zeros
 * in front say where somebody dials from and are left out: 030 1234 finds +49 30 1234 too.
 */
function dialled(text: string): string | null {
  const digits = phoneNumber(text)?.replace(/^\+?0*/, '') ?? '';
  return digits.length < 3 ? null : digits;
}

/**
 * Numbers that hold the digits; and those that were noted without their country, of at least 7 digits, when it is they that
 * the digits end with: a caller shows as +49 171 556677 who was noted as 0171 556677.
 */
const sameNumber = (digits: string) =>
  sql<boolean>`(number like ${containing(digits)} or
    (number not like '+%' and length(number) >= 7 and ${digits}::text like '%' || ltrim(number, '0')))`;

export const findPerson = (db: Db, id: string): Promise<PersonRow | undefined> =>
  onReadDb(() => db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst());

/** Telephone numbers by person. */
export async function phonesOf(db: Db, personIds: readonly string[]): Promise<ReadonlyMap<string, readonly Phone[]>> {
  if (personIds.length === 0) return new Map();
  const rows = await onReadDb(() =>
    db.selectFrom('person_phones').selectAll().where('person_id', 'in', personIds).orderBy('number').execute(),
  );
  const byPerson = Map.groupBy(rows, ({ person_id }) => person_id);
  return new Map([...byPerson].map(([id, group]) => [id, group.map(({ number, written }) => ({ number, written }))]));
}

/** Mail addresses by person, the main one first. */
export async function emailsOf(db: Db, personIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  if (personIds.length === 0) return new Map();
  const rows = await onReadDb(() =>
    db
      .selectFrom('person_emails')
      .innerJoin('people', 'people.id', 'person_emails.person_id')
      .select(['person_id', 'email'])
      .where('person_id', 'in', personIds)
      .orderBy(sql`email is not distinct from main_email`, 'desc')
      .orderBy('email')
      .execute(),
  );
  const byPerson = Map.groupBy(rows, ({ person_id }) => person_id);
  return new Map([...byPerson].map(([id, group]) => [id, group.map(({ email }) => email)]));
}
