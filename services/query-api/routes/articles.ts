import { Type } from 'typebox';
import {
  Article,
  ArticleFileParams,
  ArticlePage,
  ArticleParams,
  ArticleQuery,
  ArticleRatingList,
  Edition,
  EditionList,
  EditionParams,
} from '#contracts/api/articles.ts';
import { refusals } from '#contracts/api/problem.ts';
import { etagOf, isNotModified } from '#packages/http/etag.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { QueryApiDeps } from '../deps.ts';
import { fileResponse, sendFile } from '../file-download.ts';
import { reads, staff } from '../reading.ts';
import { findArticle, findArticleFile, listArticles, textsOf } from '../reads/articles.ts';
import { wantedLanguages } from '../reads/languages.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink } from '../reads/paging.ts';
import { articleResource, articleSummary, bodyView } from '../views/article.ts';

const maxRatings = 500;

/** The knowledge base as those see it who write it: drafts, editions and what readers think. */
export function registerArticleReads(app: HttpServer, deps: QueryApiDeps): void {
  const { blobs, db } = deps;
  const { preHandler, headers } = reads(deps, 'knowledge');
  const route = { preHandler, config: { access: staff } };
  const common = { tags: ['knowledge'], headers };
  const existing = async (id: string) => {
    const row = await findArticle(db, id);
    if (!row) throw new AppError('ARTICLE_NOT_FOUND');
    return row;
  };

  app.get(
    '/v1/articles',
    {
      ...route,
      schema: {
        ...common,
        summary: 'List articles with their drafts',
        description: 'The best matches first, else the newest change. Each in the language wanted most that it has.',
        querystring: ArticleQuery,
        response: { 200: ArticlePage, ...refusals('INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const settings = deps.settings.current();
      const wanted = wantedLanguages(request.query.lang, request.headers['accept-language']);
      const { cursor, rows } = await listArticles(db, request.query, { settings, wanted });
      return { items: rows.map((row) => articleSummary(row, settings)), next: nextLink(request.url, cursor) };
    },
  );

  app.get(
    '/v1/articles/:article',
    {
      ...route,
      schema: {
        ...common,
        summary: 'One article with its drafts in all languages',
        description: 'The ETag is its version, for If-Match; If-None-Match is answered by 304.',
        params: ArticleParams,
        response: {
          200: Article,
          304: Type.Null({ description: 'Not changed since' }),
          ...refusals('ARTICLE_NOT_FOUND', 'READ_MODEL_UNAVAILABLE'),
        },
      },
    },
    async (request, reply) => {
      const row = await existing(request.params.article);
      const etag = etagOf(row.version);
      reply.header('etag', etag);
      if (isNotModified(request, etag)) return reply.code(304).send(null);
      const texts = await textsOf(db, row.id);
      const names = await loadNames(db, { people: texts.map(({ draft_by }) => draft_by) });
      return articleResource(row, texts, { names, settings: deps.settings.current() });
    },
  );

  app.get(
    '/v1/articles/:article/editions',
    {
      ...route,
      schema: {
        ...common,
        summary: 'What was published of an article, in all languages',
        params: ArticleParams,
        response: { 200: EditionList, ...refusals('ARTICLE_NOT_FOUND', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const { id } = await existing(request.params.article);
      const rows = await onReadDb(() =>
        db
          .selectFrom('article_editions')
          .select(['language', 'edition', 'title', 'published_at', 'published_by'])
          .where('article_id', '=', id)
          .orderBy('published_at', 'desc')
          .orderBy('language')
          .orderBy('edition', 'desc')
          .execute(),
      );
      const names = await loadNames(db, { people: rows.map(({ published_by }) => published_by) });
      const items = rows.map(({ edition, language, published_at, published_by, title }) => ({
        ...{ language, edition, title },
        publishedAt: published_at.toISOString(),
        by: names.actor('person', published_by),
      }));
      return { items };
    },
  );

  app.get(
    '/v1/articles/:article/translations/:language/editions/:edition',
    {
      ...route,
      schema: {
        ...common,
        summary: 'What one edition said',
        params: EditionParams,
        response: { 200: Edition, ...refusals('EDITION_NOT_FOUND', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const { article, edition, language } = request.params;
      const row = await onReadDb(() =>
        db
          .selectFrom('article_editions')
          .selectAll()
          .where('article_id', '=', article)
          .where('language', '=', language)
          .where('edition', '=', edition)
          .executeTakeFirst(),
      );
      if (!row) throw new AppError('EDITION_NOT_FOUND');
      const names = await loadNames(db, { people: [row.published_by] });
      return {
        ...{ language, edition, title: row.title },
        publishedAt: row.published_at.toISOString(),
        by: names.actor('person', row.published_by),
        ...bodyView(row, `/v1/articles/${article}`),
      };
    },
  );

  app.get(
    '/v1/articles/:article/ratings',
    {
      ...route,
      schema: {
        ...common,
        summary: 'What readers think of an article',
        params: ArticleParams,
        response: { 200: ArticleRatingList, ...refusals('ARTICLE_NOT_FOUND', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const { id } = await existing(request.params.article);
      const rows = await onReadDb(() =>
        db
          .selectFrom('article_ratings')
          .selectAll()
          .where('article_id', '=', id)
          .orderBy('rated_at', 'desc')
          .orderBy('person_id')
          .limit(maxRatings)
          .execute(),
      );
      const names = await loadNames(db, { people: rows.map(({ person_id }) => person_id) });
      const items = rows.map(({ comment, edition, helpful, language, person_id, rated_at }) => ({
        person: names.person(person_id),
        helpful: helpful ? ('yes' as const) : ('no' as const),
        ...{ comment, language, edition },
        ratedAt: rated_at.toISOString(),
      }));
      return { items };
    },
  );

  app.get(
    '/v1/articles/:article/attachments/:sha256',
    {
      preHandler,
      config: { access: staff, session: true },
      schema: {
        ...common,
        summary: 'Download a file of an article, drafts and editions included',
        params: ArticleFileParams,
        response: { 200: fileResponse, ...refusals('BLOB_NOT_FOUND', 'BLOB_STORE_UNAVAILABLE') },
      },
    },
    async (request, reply) => {
      const { article, sha256: blob } = request.params;
      const file = await findArticleFile(db, { article, blob, everything: true });
      if (!file) throw new AppError('BLOB_NOT_FOUND');
      return sendFile(reply, { ...file, content: await blobs.get(blob) });
    },
  );
}
