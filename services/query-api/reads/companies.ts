import { type Kysely, sql } from 'kysely';
import { type Static, Type } from 'typebox';
import type { CompanyQuery } from '#contracts/api/companies.ts';
import { Uuid } from '#contracts/primitives.ts';
import { decodeCursor } from '#packages/http/cursor.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { CompanyRow } from '#packages/read-db/tables-directory.ts';
import { after, KeyText, type Page, pageOf, startingWith } from './paging.ts';

type Db = Kysely<ReadDatabase>;

const byName = [sql.ref('name'), sql.ref('id')];
const Keys = Type.Tuple([KeyText, Uuid]);

/** One page of companies in order of name. One that was merged is found as the one that goes on for it. */
export async function listCompanies(
  db: Db,
  { q, tariff, limit = 50, cursor }: Static<typeof CompanyQuery>,
): Promise<Page<CompanyRow>> {
  const scope = { list: 'companies', q: q ?? null, tariff: tariff ?? null };
  let query = db
    .selectFrom('companies')
    .selectAll()
    .where('merged_into', 'is', null)
    .orderBy('name')
    .orderBy('id')
    .limit(limit + 1);
  if (tariff !== undefined) query = query.where('tariff', '=', tariff);
  if (q !== undefined) {
    const pattern = startingWith(q);
    query = query.where(
      sql<boolean>`companies.id in (
        with recursive up (id, merged_into) as (
          select c.id, c.merged_into from read.companies c where c.name ilike ${pattern}
            or c.id in (select company_id from read.company_domains where domain like ${pattern.toLowerCase()})
          union
          select next.id, next.merged_into from up join read.companies next on next.id = up.merged_into)
        select id from up where merged_into is null)`,
    );
  }
  if (cursor !== undefined) query = query.where(after('asc', byName, decodeCursor(scope, cursor, Keys)));
  const rows = await onReadDb(() => query.execute());
  return pageOf(rows, { limit, scope, keysOf: ({ id, name }) => [name, id] });
}

export const findCompany = (db: Db, id: string): Promise<CompanyRow | undefined> =>
  onReadDb(() => db.selectFrom('companies').selectAll().where('id', '=', id).executeTakeFirst());

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
