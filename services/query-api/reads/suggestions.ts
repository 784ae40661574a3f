import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Principal } from '#packages/http/auth.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { TicketWordsRow } from '#packages/read-db/tables-knowledge.ts';
import { configurationOf } from '#packages/read-db/words.ts';
import { type PublishedText, readableBy } from './articles.ts';
import { byLanguage } from './languages.ts';

type Db = Kysely<ReadDatabase>;
export type SimilarTicket = Pick<TicketWordsRow, 'ticket_id' | 'number' | 'subject'> & { readonly solved_at: Date };

const maxWords = 8;
/** Rows that are ranked. The index finds the rows, so that the cost hangs on this and not on how many are closed. */
const maxCandidates = 2_000;

const wordsIn = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]{3,40}/gu) ?? [];

/** The words that tell most about a ticket: the longest of its subject, then those that its text repeats. */
export function tellingWords(subject: string, text: string): readonly string[] {
  const fromSubject = [...new Set(wordsIn(subject))].toSorted((a, b) => b.length - a.length);
  const counts = new Map<string, number>();
  for (const word of wordsIn(text)) if (word.length > 3) counts.set(word, (counts.get(word) ?? 0) + 1);
  const weight = (word: string) => (counts.get(word) ?? 0) * word.length;
  const fromText = [...counts.keys()].toSorted((a, b) => weight(b) - weight(a));
  return [...new Set([...fromSubject.slice(0, maxWords - 2), ...fromText])].slice(0, maxWords);
}

/** As text search queries: at least two of the words (null when there are not two), and any of them. */
async function queriesOf(db: Db, { language, subject, text }: TicketWordsRow) {
  const words = tellingWords(subject, text);
  const configuration = configurationOf(language);
  const { rows } = await onReadDb(() =>
    sql<{ pairs: string | null; any: string | null }>`
      with word as (
        select n, plainto_tsquery('pg_catalog.simple', w) || plainto_tsquery(${configuration}::regconfig, w) as q
        from unnest(${sql.val(words)}::text[]) with ordinality as given (w, n)
        where numnode(plainto_tsquery(${configuration}::regconfig, w)) > 0)
      select
        (select string_agg(format('((%s) & (%s))', a.q, b.q), ' | ') from word a join word b on a.n < b.n) as pairs,
        (select string_agg(format('(%s)', q), ' | ') from word) as any`.execute(db),
  );
  return rows[0] ?? { pairs: null, any: null };
}

/** Solved tickets like this one: of the same service and type first, then those with the most in common. */
async function similar(
  db: Db,
  ticket: TicketWordsRow,
  { limit, match, rank }: { limit: number; match: string; rank: string },
): Promise<readonly SimilarTicket[]> {
  const rows = await onReadDb(() =>
    db
      .with('candidate', (from) =>
        from
          .selectFrom('ticket_words')
          .select(['ticket_id', 'number', 'subject', 'solved_at', 'service_id', 'type_id', 'language'])
          .select(sql<unknown>`words`.as('words'))
          .where('solved', '=', true)
          .where('set_aside', '=', false)
          .where('ticket_id', '<>', ticket.ticket_id)
          .where(sql<boolean>`words @@ ${match}::tsquery`)
          .limit(maxCandidates),
      )
      .selectFrom('candidate')
      .select(['ticket_id', 'number', 'subject', 'solved_at'])
      .orderBy(sql`coalesce(service_id = ${ticket.service_id}, false)`, 'desc')
      .orderBy(sql`coalesce(type_id = ${ticket.type_id}, false)`, 'desc')
      .orderBy(
        sql`ts_rank(words, ${rank}::tsquery) * case when language = ${ticket.language} then 1.5 else 1 end`,
        'desc',
      )
      .orderBy('solved_at', 'desc')
      .orderBy('ticket_id')
      .limit(limit)
      .execute(),
  );
  return rows as SimilarTicket[];
}

/** Published articles that the reader may see: those about the ticket's service first, then the best matches. */
async function helpful(
  db: Db,
  ticket: TicketWordsRow,
  {
    limit,
    match,
    principal,
    services,
  }: { limit: number; match: string; principal: Principal; services: readonly string[] },
): Promise<readonly PublishedText[]> {
  const rank: RawBuilder<number> = sql<number>`ts_rank(article_texts.words, ${match}::tsquery)`;
  const wanted = ticket.language === null ? [] : [ticket.language.toLowerCase()];
  const rows = await onReadDb(() =>
    db
      .with('hit', (from) =>
        from
          .selectFrom('article_texts')
          .innerJoin('articles', 'articles.id', 'article_texts.article_id')
          .selectAll('article_texts')
          .select(rank.as('rank'))
          .where('articles.archived', '=', false)
          .where('articles.visibility', 'in', readableBy(principal))
          .where('article_texts.edition', 'is not', null)
          .where(sql<boolean>`article_texts.words @@ ${match}::tsquery`)
          .limit(maxCandidates),
      )
      .with('best', (from) =>
        from
          .selectFrom('hit')
          .distinctOn('article_id')
          .selectAll()
          .orderBy('article_id')
          .orderBy(byLanguage(wanted, 'hit.language'))
          .orderBy('language'),
      )
      .selectFrom('best')
      .innerJoin('articles', 'articles.id', 'best.article_id')
      .selectAll()
      .select(
        sql<
          string[]
        >`array(select t.language from read.article_texts t where t.article_id = articles.id and t.edition is not null order by 1)`.as(
          'languages',
        ),
      )
      .orderBy(sql`articles.services && ${sql.val(services)}::text[]`, 'desc')
      .orderBy('best.rank', 'desc')
      .orderBy('articles.id')
      .limit(limit)
      .execute(),
  );
  return rows as unknown as PublishedText[];
}

/** What may help with a ticket. Customers are shown articles alone: other tickets are none of their business. */
export async function suggestionsFor(
  db: Db,
  ticketId: string,
  {
    limit,
    principal,
    servicesOf,
  }: { limit: number; principal: Principal; servicesOf: (id: string | null) => readonly string[] },
): Promise<{ articles: readonly PublishedText[]; tickets: readonly SimilarTicket[] }> {
  const ticket = await onReadDb(() =>
    db.selectFrom('ticket_words').select(columns).where('ticket_id', '=', ticketId).executeTakeFirst(),
  );
  const { any, pairs } = ticket ? await queriesOf(db, ticket) : { any: null, pairs: null };
  if (!ticket || any === null) return { articles: [], tickets: [] };
  const services = servicesOf(ticket.service_id);
  const articles = await helpful(db, ticket, { limit, match: any, principal, services });
  if (principal.role === 'customer') return { articles, tickets: [] };
  const close = pairs === null ? [] : await similar(db, ticket, { limit, match: pairs, rank: any });
  if (close.length >= limit) return { articles, tickets: close };
  const known = new Set(close.map(({ ticket_id }) => ticket_id));
  const loose = await similar(db, ticket, { limit, match: any, rank: any });
  const others = loose.filter(({ ticket_id }) => !known.has(ticket_id));
  return { articles, tickets: [...close, ...others].slice(0, limit) };
}

const columns = [
  'ticket_id',
  'number',
  'subject',
  'comment_id',
  'text',
  'language',
  'service_id',
  'type_id',
  'solved',
  'set_aside',
  'solved_at',
] as const;
