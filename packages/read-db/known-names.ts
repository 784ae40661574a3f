import type { Kysely } from 'kysely';
import { isAppError } from '#packages/kernel/errors.ts';
import { isSqlState, sqlState } from '#packages/postgres/errors.ts';
import { onReadDb } from './query.ts';
import type { ReadDatabase } from './tables.ts';

/**
 * Nobody, before the projector has made a read model to ask: names claimed in the log are found without it. One that is
 * away for now may know somebody, who would be registered a second time.
 */
async function orNobody(query: () => Promise<{ id: string }[]>): Promise<readonly string[]> {
  try {
    return (await onReadDb(query)).map(({ id }) => id);
  } catch (error) {
    if (isAppError(error) && isSqlState(error.cause, sqlState.undefinedTable)) return [];
    throw error;
  }
}

/**
 * Ids of those whom the read model knows by a mail address, or a mail domain; those registered first come first. Rejects
 * with READ_MODEL_UNAVAILABLE and TIMEOUT.
 */
export function createKnownNames(db: Kysely<ReadDatabase>) {
  return {
    people: (address: string) =>
      orNobody(() =>
        db
          .selectFrom('person_emails')
          .innerJoin('people', 'people.id', 'person_emails.person_id')
          .select('people.id')
          .where('person_emails.email', '=', address)
          .orderBy('people.registered_at')
          .orderBy('people.id')
          .limit(10)
          .execute(),
      ),
    logins: (login: string) =>
      orNobody(() => db.selectFrom('people').select('id').where('login', '=', login).limit(10).execute()),
    companies: (domain: string) =>
      orNobody(() =>
        db
          .selectFrom('company_domains')
          .innerJoin('companies', 'companies.id', 'company_domains.company_id')
          .select('companies.id')
          .where('company_domains.domain', '=', domain)
          .orderBy('companies.registered_at')
          .orderBy('companies.id')
          .limit(10)
          .execute(),
      ),
  };
}

export type KnownNames = ReturnType<typeof createKnownNames>;
