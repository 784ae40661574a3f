import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { CallSuggestionQuery, Clue } from '#contracts/api/calls.ts';
import { nameQuery, numberQuery } from '#packages/read-db/directory-words.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase, TicketRow } from '#packages/read-db/tables.ts';
import { startingWith } from './paging.ts';

type Db = Kysely<ReadDatabase>;

const limit = 10;
/** Rows of one clue that are ranked: a first letter is that of half a directory. */
const maxCandidates = 1_000;
/** Words of a subject that are looked for. */
const maxWords = 8;

export type PossibleCaller = {
  readonly id: string;
  readonly name: string;
  readonly company_id: string | null;
  readonly matched: readonly Clue[];
};
export type PossibleTicket = Pick<TicketRow, 'id' | 'number' | 'subject' | 'status' | 'requester_id' | 'updated_at'>;

const found = (what: RawBuilder<unknown>): RawBuilder<unknown> => sql`(${what} limit ${maxCandidates})`;
const addressPattern = (text: string): string => startingWith(text.trim().toLowerCase());

/** People whom the clues may mean, those who match in most first. Who was merged is found as who goes on for them. */
export async function possibleCallers(
  db: Db,
  { email, name, phone }: CallSuggestionQuery,
): Promise<readonly PossibleCaller[]> {
  const [names, numbers] = [name && nameQuery(name), phone && numberQuery(phone)];
  const sources = [
    ...(numbers
      ? [sql`select person_id, 'phone' as clue from read.person_phones where ends @@ ${numbers}::tsquery`]
      : []),
    ...(email
      ? [sql`select person_id, 'email' as clue from read.person_emails where email like ${addressPattern(email)}`]
      : []),
    ...(names
      ? [sql`select id as person_id, 'name' as clue from read.people where name_words @@ ${names}::tsquery`]
      : []),
  ];
  if (sources.length === 0) return [];
  const { rows } = await onReadDb(() =>
    sql<PossibleCaller>`
      with recursive hit as (${sql.join(sources.map(found), sql` union all `)}),
      up (id, merged_into, clue) as (
        select p.id, p.merged_into, hit.clue from hit join read.people p on p.id = hit.person_id
        union
        select next.id, next.merged_into, up.clue from up join read.people next on next.id = up.merged_into)
      select p.id, p.name, p.company_id, array_agg(distinct up.clue) as matched
      from up join read.people p on p.id = up.id and up.merged_into is null
      group by p.id, p.name, p.company_id
      order by count(distinct up.clue) desc, p.name, p.id
      limit ${limit}`.execute(db),
  );
  return rows;
}

/** Companies by the first letters of words of their name, or of their domain; that of an address counts too. */
export async function possibleCompanies(
  db: Db,
  { company, email = '' }: CallSuggestionQuery,
): Promise<readonly { id: string; name: string }[]> {
  const names = company && nameQuery(company);
  const [, domain = ''] = email.split('@');
  const domains = [company, domain].flatMap((text) => (text?.trim() ? [text] : []));
  const sources = [
    ...(names ? [sql`select id from read.companies where name_words @@ ${names}::tsquery`] : []),
    ...domains.map(
      (text) => sql`select company_id from read.company_domains where domain like ${addressPattern(text)}`,
    ),
  ];
  if (sources.length === 0) return [];
  const { rows } = await onReadDb(() =>
    sql<{ id: string; name: string }>`
      with recursive up (id, merged_into, name) as (
        select id, merged_into, name from read.companies where id in (${sql.join(sources.map(found), sql` union all `)})
        union
        select next.id, next.merged_into, next.name from up join read.companies next on next.id = up.merged_into)
      select id, name from up where merged_into is null order by name, id limit ${limit}`.execute(db),
  );
  return rows;
}

const ticketColumns = ['id', 'number', 'subject', 'status', 'requester_id', 'updated_at'] as const;

/** Open tickets of people by all of their ids, the newest change first. An index holds the open ones alone. */
export async function openTicketsOf(db: Db, people: readonly string[]): Promise<readonly PossibleTicket[]> {
  if (people.length === 0) return [];
  return onReadDb(() =>
    db
      .selectFrom('tickets')
      .select(ticketColumns)
      .where('requester_id', 'in', people)
      .where('open', '=', true)
      .where('set_aside', 'is', null)
      .orderBy('updated_at', 'desc')
      .orderBy('id')
      .limit(limit)
      .execute(),
  );
}

/** Open tickets with words that begin as those of a subject do, two of them where there are two; the closest first. */
export async function similarOpenTickets(db: Db, subject: string): Promise<readonly PossibleTicket[]> {
  const typed = subject.toLowerCase().match(/[\p{L}\p{N}]{2,40}/gu) ?? [];
  // Short words are those that every subject has, except for the last one, which is still being typed.
  const telling = typed.filter((word, index) => word.length > 2 || index === typed.length - 1);
  const words = [...new Set(telling)].slice(-maxWords);
  if (words.length === 0) return [];
  const lexemes = words.map((word) => `'${word}':*`);
  const pairs = lexemes.flatMap((one, index) => lexemes.slice(index + 1).map((other) => `${one} & ${other}`));
  const match = (pairs.length > 0 ? pairs : lexemes).join(' | ');
  const { rows } = await onReadDb(() =>
    sql<PossibleTicket>`
      with candidate as (
        select ticket_id, ts_rank(words, ${lexemes.join(' | ')}::tsquery) as rank
        from read.ticket_words
        where not solved and not set_aside and words @@ ${match}::tsquery
        limit ${maxCandidates})
      select ${sql.join(ticketColumns.map((column) => sql.ref(`t.${column}`)))}
      from candidate c join read.tickets t on t.id = c.ticket_id
      order by c.rank desc, t.updated_at desc, t.id
      limit ${limit}`.execute(db),
  );
  return rows;
}
