import { type Kysely, sql } from 'kysely';
import { Type } from 'typebox';
import type { ArticleQuery, PublishedQuery } from '#contracts/api/articles.ts';
import { type ArticleVisibility, articleVisibilities } from '#contracts/events/article.ts';
import type { Attachment } from '#contracts/events/message.ts';
import { Uuid } from '#contracts/primitives.ts';
import { treeBelow } from '#packages/domain/service-tree.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import type { Principal } from '#packages/http/auth.ts';
import { decodeCursor } from '#packages/http/cursor.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { ArticleRow, ArticleTextRow } from '#packages/read-db/tables-knowledge.ts';
import { configurationOf } from '#packages/read-db/words.ts';
import { byLanguage, type Wanted } from './languages.ts';
import { after, KeyInstant, KeyInteger, type Page, pageOf } from './paging.ts';

type Db = Kysely<ReadDatabase>;

/** An article in the one language that it is shown in. */
export type ShownArticle = ArticleRow &
  Omit<ArticleTextRow, 'article_id'> & {
    /** Languages in which it is published. */
    readonly languages: readonly string[];
    readonly rank: number;
  };
/** One that is published in that language. */
export type PublishedText = ShownArticle & {
  readonly edition: number;
  readonly title: string;
  readonly text: string;
  readonly published_at: Date;
};

/** Visibilities that somebody may read; null is somebody unknown. */
export function readableBy(principal: Principal | null): readonly ArticleVisibility[] {
  if (principal === null) return ['public'];
  return principal.role === 'customer' ? ['public', 'customers'] : articleVisibilities;
}

const Keys = Type.Tuple([KeyInteger, KeyInstant, Uuid]);
const columns = [sql.ref('rank'), sql.ref('updated_at'), sql.ref('id')];

/** Which words a search looks at: those of published texts, or of drafts. */
type Column = 'words' | 'draft_words';

/** The text search query for what somebody typed: as it stands, or by the stems of their language. */
const searchQuery = (q: string, wanted: Wanted) =>
  sql`(websearch_to_tsquery('pg_catalog.simple', ${q}) || websearch_to_tsquery(${configurationOf(wanted[0] ?? null)}::regconfig, ${q}))`;

/** Articles with the text that fits best, among those that the filters leave. */
function shown(db: Db, filter: ArticleQuery, column: Column, wanted: Wanted, settings: SettingsLookup) {
  const published = column === 'words';
  const text = (alias: string) => {
    const edition = published ? sql<boolean>`${sql.ref(`${alias}.edition`)} is not null` : sql<boolean>`true`;
    if (filter.q === undefined) return edition;
    return sql<boolean>`${edition} and ${sql.ref(`${alias}.${column}`)} @@ ${searchQuery(filter.q, wanted)}`;
  };
  const rank =
    filter.q === undefined
      ? sql<number>`0`
      : sql<number>`(ts_rank(${sql.ref(`found.${column}`)}, ${searchQuery(filter.q, wanted)}) * 1000000)::integer`;
  let query = db
    .selectFrom('articles')
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('article_texts as found')
          .select(({ ref }) => [
            ...(['language', 'draft_title', 'draft_text', 'draft_html', 'draft_attachments', 'draft_at'] as const).map(
              (name) => ref(`found.${name}`).as(name),
            ),
            ...(
              ['draft_by', 'changed', 'edition', 'title', 'text', 'html', 'attachments', 'published_at'] as const
            ).map((name) => ref(`found.${name}`).as(name)),
          ])
          .select(rank.as('rank'))
          .whereRef('found.article_id', '=', 'articles.id')
          .where(text('found'))
          .orderBy(byLanguage(wanted, 'found.language'))
          .orderBy('found.language')
          .limit(1)
          .as('best'),
      (join) => join.onTrue(),
    )
    .selectAll()
    .select(
      sql<
        string[]
      >`array(select t.language from read.article_texts t where t.article_id = articles.id and t.edition is not null order by 1)`.as(
        'languages',
      ),
    );
  if (filter.q !== undefined)
    query = query.where('articles.id', 'in', (eb) =>
      eb.selectFrom('article_texts as hit').select('hit.article_id').where(text('hit')),
    );
  if (filter.category !== undefined)
    query = query.where('category_id', 'in', [...treeBelow('article-category', filter.category, settings)]);
  if (filter.service !== undefined) query = query.where(sql<boolean>`services @> array[${filter.service}]::text[]`);
  if (filter.tag !== undefined) query = query.where(sql<boolean>`tags @> array[${filter.tag}]::text[]`);
  return query;
}

type Filters = { readonly wanted: Wanted; readonly settings: SettingsLookup };

async function page(
  query: ReturnType<typeof shown>,
  filter: ArticleQuery,
  scope: Record<string, unknown>,
): Promise<Page<ShownArticle>> {
  const { cursor, limit = 50, ...rest } = filter;
  const place = { ...scope, ...rest };
  let ordered = query
    .orderBy('rank', 'desc')
    .orderBy('updated_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (cursor !== undefined) ordered = ordered.where(after('desc', columns, decodeCursor(place, cursor, Keys)));
  const rows = (await onReadDb(() => ordered.execute())) as ShownArticle[];
  return pageOf(rows, { limit, scope: place, keysOf: (row) => [row.rank, row.updated_at.toISOString(), row.id] });
}

/** One page of what somebody may read, the best matches first, else the newest. */
export async function listPublished(
  db: Db,
  filter: PublishedQuery,
  { principal, settings, wanted }: Filters & { readonly principal: Principal | null },
): Promise<Page<PublishedText>> {
  const query = shown(db, filter, 'words', wanted, settings)
    .where('archived', '=', false)
    .where('visibility', 'in', readableBy(principal));
  const scope = { list: 'published', readers: readableBy(principal).length, wanted };
  return (await page(query, filter, scope)) as Page<PublishedText>;
}

/** One page of all articles with their drafts. */
export async function listArticles(
  db: Db,
  filter: ArticleQuery,
  { settings, wanted }: Filters,
): Promise<Page<ShownArticle>> {
  let query = shown(db, filter, 'draft_words', wanted, settings).where('archived', '=', filter.state === 'archived');
  const texts = sql`select 1 from read.article_texts t where t.article_id = articles.id`;
  if (filter.state === 'published') query = query.where(sql<boolean>`exists (${texts} and t.edition is not null)`);
  if (filter.state === 'unpublished')
    query = query.where(sql<boolean>`not exists (${texts} and t.edition is not null)`);
  if (filter.state === 'changed') query = query.where(sql<boolean>`exists (${texts} and t.changed)`);
  return page(query, filter, { list: 'articles', wanted });
}

/** One article in the language that fits best; null when the reader may not see one. */
export async function findPublished(
  db: Db,
  id: string,
  { principal, settings, wanted }: Filters & { readonly principal: Principal | null },
): Promise<PublishedText | null> {
  const query = shown(db, {}, 'words', wanted, settings)
    .where('articles.id', '=', id)
    .where('archived', '=', false)
    .where('visibility', 'in', readableBy(principal));
  return ((await onReadDb(() => query.executeTakeFirst())) as PublishedText | undefined) ?? null;
}

export const findArticle = (db: Db, id: string): Promise<ArticleRow | undefined> =>
  onReadDb(() => db.selectFrom('articles').selectAll().where('id', '=', id).executeTakeFirst());

export const textsOf = (db: Db, id: string): Promise<ArticleTextRow[]> =>
  onReadDb(() => db.selectFrom('article_texts').selectAll().where('article_id', '=', id).orderBy('language').execute());

/** A file of an article: of what readers see, or of any draft or edition. */
export async function findArticleFile(
  db: Db,
  { article, blob, everything }: { article: string; blob: string; everything: boolean },
): Promise<Attachment | null> {
  const [texts, editions] = await onReadDb(() =>
    Promise.all([
      db
        .selectFrom('article_texts')
        .select(['attachments', 'draft_attachments'])
        .where('article_id', '=', article)
        .execute(),
      everything
        ? db.selectFrom('article_editions').select('attachments').where('article_id', '=', article).execute()
        : [],
    ]),
  );
  const shownFiles = texts.flatMap(({ attachments }) => attachments);
  const others = everything
    ? [...texts.map((each) => each.draft_attachments), ...editions.map((each) => each.attachments)]
    : [];
  return [...shownFiles, ...others.flat()].find((file) => file.blob === blob) ?? null;
}
