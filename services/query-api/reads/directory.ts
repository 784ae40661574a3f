import { type Kysely, sql } from 'kysely';
import { type Static, Type } from 'typebox';
import type { CompanyQuery, PersonQuery } from '#contracts/api/directory.ts';
import type { Phone } from '#contracts/events/person-details.ts';
import { Uuid } from '#contracts/primitives.ts';
import { phoneNumber } from '#packages/domain/person/phone.ts';
import { decodeCursor } from '#packages/http/cursor.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { CompanyRow, PersonRow, ReadDatabase } from '#packages/read-db/tables.ts';
import { after, containing, KeyText, type Page, pageOf, startingWith } from './paging.ts';

type Db = Kysely<ReadDatabase>;

const byName = [sql.ref('name'), sql.ref('id')];
const Keys = Type.Tuple([KeyText, Uuid]);
const keysOf = (row: { name: string; id: string }) => [row.name, row.id];

/** One page of people in order of name. */
export async function listPeople(
  db: Db,
  { q, role, company, limit = 50, cursor }: Static<typeof PersonQuery>,
): Promise<Page<PersonRow>> {
  const scope = { list: 'people', q: q ?? null, role: role ?? null, company: company ?? null };
  let query = db
    .selectFrom('people')
    .selectAll()
    .orderBy('name')
    .orderBy('id')
    .limit(limit + 1);
  if (role !== undefined) query = query.where(sql<boolean>`roles @> array[${role}]::text[]`);
  if (company !== undefined) query = query.where('company_id', '=', company);
  if (q !== undefined) {
    const pattern = startingWith(q);
    const digits = dialled(q);
    query = query.where(({ eb, or, exists, selectFrom }) =>
      or([
        eb('name', 'ilike', pattern),
        exists(
          selectFrom('person_emails')
            .select('email')
            .whereRef('person_id', '=', 'people.id')
            .where('email', 'like', pattern.toLowerCase()),
        ),
        ...(digits === null
          ? []
          : [
              exists(
                selectFrom('person_phones')
                  .select('number')
                  .whereRef('person_id', '=', 'people.id')
                  .where(sameNumber(digits)),
              ),
            ]),
      ]),
    );
  }
  if (cursor !== undefined) query = query.where(after('asc', byName, decodeCursor(scope, cursor, Keys)));
  const rows = await onReadDb(() => query.execute());
  return pageOf(rows, { limit, scope, keysOf });
}

export const findPerson = (db: Db, id: string): Promise<PersonRow | undefined> =>
  onReadDb(() => db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst());

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

/** Telephone numbers by person. */
export async function phonesOf(db: Db, personIds: readonly string[]): Promise<ReadonlyMap<string, readonly Phone[]>> {
  if (personIds.length === 0) return new Map();
  const rows = await onReadDb(() =>
    db.selectFrom('person_phones').selectAll().where('person_id', 'in', personIds).orderBy('number').execute(),
  );
  const byPerson = Map.groupBy(rows, ({ person_id }) => person_id);
  return new Map([...byPerson].map(([id, group]) => [id, group.map(({ number, written }) => ({ number, written }))]));
}

/** Mail addresses by person. */
export async function emailsOf(db: Db, personIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  if (personIds.length === 0) return new Map();
  const rows = await onReadDb(() =>
    db.selectFrom('person_emails').selectAll().where('person_id', 'in', personIds).orderBy('email').execute(),
  );
  const byPerson = Map.groupBy(rows, ({ person_id }) => person_id);
  return new Map([...byPerson].map(([id, group]) => [id, group.map(({ email }) => email)]));
}

/** One page of companies in order of name. */
export async function listCompanies(
  db: Db,
  { q, limit = 50, cursor }: Static<typeof CompanyQuery>,
): Promise<Page<CompanyRow>> {
  const scope = { list: 'companies', q: q ?? null };
  let query = db
    .selectFrom('companies')
    .selectAll()
    .orderBy('name')
    .orderBy('id')
    .limit(limit + 1);
  if (q !== undefined) query = query.where('name', 'ilike', startingWith(q));
  if (cursor !== undefined) query = query.where(after('asc', byName, decodeCursor(scope, cursor, Keys)));
  const rows = await onReadDb(() => query.execute());
  return pageOf(rows, { limit, scope, keysOf });
}

/** Mail domains by company. */
export async function domainsOf(
  db: Db,
  companyIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (companyIds.length === 0) return new Map();
  const rows = await onReadDb(() =>
    db.selectFrom('company_domains').selectAll().where('company_id', 'in', companyIds).orderBy('domain').execute(),
  );
  const byCompany = Map.groupBy(rows, ({ company_id }) => company_id);
  return new Map([...byCompany].map(([id, group]) => [id, group.map(({ domain }) => domain)]));
}

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
