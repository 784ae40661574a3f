import type { Static } from 'typebox';
import type { Company } from '#contracts/api/companies.ts';
import type { Person } from '#contracts/api/directory.ts';
import { absorbedBy } from '#packages/read-db/identities.ts';
import type { CompanyRow, PersonRow } from '#packages/read-db/tables-directory.ts';
import type { QueryApiDeps } from '../deps.ts';
import { domainsOf } from '../reads/companies.ts';
import { loadNames } from '../reads/names.ts';
import { emailsOf, phonesOf } from '../reads/people.ts';

type Row = { readonly id: string };

/** What each has, and behind it what those have who were merged into them; each thing once. */
export const gathered =
  <T>(of: ReadonlyMap<string, readonly T[]>, absorbed: ReadonlyMap<string, readonly Row[]>, key: (it: T) => unknown) =>
  ({ id }: Row): T[] => {
    const all = [{ id }, ...(absorbed.get(id) ?? [])].flatMap((each) => of.get(each.id) ?? []);
    return [...new Map(all.toReversed().map((it) => [key(it), it])).values()].toReversed();
  };

/** Who was merged into each of these, and the ids of all of them together. */
export async function withAbsorbed(db: QueryApiDeps['db'], table: 'people' | 'companies', rows: readonly Row[]) {
  const ids = rows.map(({ id }) => id);
  const absorbed = await absorbedBy(db, table, ids);
  return { absorbed, all: [...ids, ...[...absorbed.values()].flatMap((group) => group.map(({ id }) => id))] };
}

/** People with their addresses and numbers, and with those of whom was merged into them. */
export async function personViews({ db }: QueryApiDeps, rows: readonly PersonRow[]): Promise<Person[]> {
  const { absorbed, all } = await withAbsorbed(db, 'people', rows);
  const [emails, phones, names] = await Promise.all([
    emailsOf(db, all),
    phonesOf(db, all),
    loadNames(db, {
      companies: rows.map(({ company_id }) => company_id),
      people: rows.map(({ merged_into }) => merged_into),
    }),
  ]);
  const emailsIn = gathered(emails, absorbed, (email) => email);
  const phonesIn = gathered(phones, absorbed, ({ number }) => number);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    emails: emailsIn(row),
    phones: phonesIn(row),
    company: names.company(row.company_id),
    roles: [...row.roles],
    login: row.login,
    language: row.language,
    notes: row.notes,
    registeredAt: row.registered_at.toISOString(),
    merged: [...(absorbed.get(row.id) ?? [])],
    mergedInto: names.personOrNull(row.merged_into),
    version: row.version,
  }));
}

/** Companies with their mail domains, and with those of what was merged into them. */
export async function companyViews(
  { db }: QueryApiDeps,
  rows: readonly CompanyRow[],
): Promise<Static<typeof Company>[]> {
  const { absorbed, all } = await withAbsorbed(db, 'companies', rows);
  const [domains, names] = await Promise.all([
    domainsOf(db, all),
    loadNames(db, { companies: rows.map(({ merged_into }) => merged_into) }),
  ]);
  const domainsIn = gathered(domains, absorbed, (domain) => domain);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    domains: domainsIn(row),
    tariff: row.tariff,
    notes: row.notes,
    registeredAt: row.registered_at.toISOString(),
    merged: [...(absorbed.get(row.id) ?? [])],
    mergedInto: names.company(row.merged_into),
    version: row.version,
  }));
}
