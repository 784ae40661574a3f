import { Type } from 'typebox';
import {
  ArticleFileParams,
  ArticleParams,
  LanguageQuery,
  PublishedArticle,
  PublishedPage,
  PublishedQuery,
} from '#contracts/api/articles.ts';
import { refusals } from '#contracts/api/problem.ts';
import { Nullable, Slug } from '#contracts/primitives.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from '../deps.ts';
import { fileResponse, sendFile } from '../file-download.ts';
import { reads } from '../reading.ts';
import { findArticleFile, findPublished, listPublished } from '../reads/articles.ts';
import { wantedLanguages } from '../reads/languages.ts';
import { nextLink } from '../reads/paging.ts';
import { publishedArticle, publishedSummary } from '../views/article.ts';

const Categories = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        { id: Slug, name: Type.String(), description: Nullable(Type.String()), parentId: Nullable(Slug) },
        { title: 'Category' },
      ),
    ),
  },
  { title: 'CategoryList' },
);

/** The knowledge base as its readers see it: everybody what is public, with a token also what is for its holder. */
export function registerKnowledgeBase(app: HttpServer, deps: QueryApiDeps): void {
  const { blobs, db } = deps;
  const { preHandler, headers } = reads(deps, 'knowledge');
  const route = { preHandler, config: { access: 'public', session: true } } as const;
  const common = { tags: ['knowledge'], headers };
  const current = () => deps.settings.current();

  app.get(
    '/v1/kb/articles',
    {
      ...route,
      schema: {
        ...common,
        summary: 'Published articles',
        description:
          'Without a token those for everybody; with one also those for customers, or for people of the desk. The best ' +
          'matches first, else the newest; each in the language wanted most that it has.',
        querystring: PublishedQuery,
        response: { 200: PublishedPage, ...refusals('INVALID_REQUEST', 'INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request, reply) => {
      const settings = current();
      const wanted = wantedLanguages(request.query.lang, request.headers['accept-language']);
      const { cursor, rows } = await listPublished(db, request.query, {
        settings,
        wanted,
        principal: request.principal,
      });
      reply.header('vary', 'accept-language, authorization, cookie');
      return { items: rows.map((row) => publishedSummary(row, settings)), next: nextLink(request.url, cursor) };
    },
  );

  app.get(
    '/v1/kb/articles/:article',
    {
      ...route,
      schema: {
        ...common,
        summary: 'One published article',
        params: ArticleParams,
        querystring: LanguageQuery,
        response: {
          200: PublishedArticle,
          ...refusals('ARTICLE_NOT_FOUND', 'INVALID_REQUEST', 'READ_MODEL_UNAVAILABLE'),
        },
      },
    },
    async (request, reply) => {
      const settings = current();
      const wanted = wantedLanguages(request.query.lang, request.headers['accept-language']);
      const row = await findPublished(db, request.params.article, { settings, wanted, principal: request.principal });
      if (!row) throw new AppError('ARTICLE_NOT_FOUND');
      reply.headers({ 'content-language': row.language, vary: 'accept-language, authorization, cookie' });
      return publishedArticle(row, settings);
    },
  );

  app.get(
    '/v1/kb/articles/:article/attachments/:sha256',
    {
      ...route,
      schema: {
        ...common,
        summary: 'Download a file of a published article',
        params: ArticleFileParams,
        response: { 200: fileResponse, ...refusals('BLOB_NOT_FOUND', 'BLOB_STORE_UNAVAILABLE') },
      },
    },
    async (request, reply) => {
      const { article, sha256: blob } = request.params;
      const { principal } = request;
      const seen = await findPublished(db, article, { settings: current(), wanted: [], principal });
      const file = seen && (await findArticleFile(db, { article, blob, everything: false }));
      if (!file) throw new AppError('BLOB_NOT_FOUND');
      return sendFile(reply, { ...file, content: await blobs.get(blob) });
    },
  );

  app.get(
    '/v1/kb/categories',
    {
      config: { access: 'public' },
      schema: { tags: ['knowledge'], summary: 'Categories of articles', response: { 200: Categories } },
    },
    async () => ({
      items: current()
        .inForce('article-category')
        .map(({ id, value: { description = null, name, parentId } }) => ({ id, name, description, parentId })),
    }),
  );
}
