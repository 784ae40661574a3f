import type { FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { ArticleCreatedAnswer, ArticleParams, TranslationParams } from '#contracts/api/articles.ts';
import { Changed, changeHeaders, ticketChangeHeaders } from '#contracts/api/common.ts';
import { refusals } from '#contracts/api/problem.ts';
import {
  ArticleDraftBody,
  ArticlePlaceBody,
  ArticleVisibilityBody,
  CreateArticleBody,
  RateArticleBody,
} from '#contracts/commands/article.ts';
import { streams } from '#contracts/events/streams.ts';
import { type Role, Strict } from '#contracts/primitives.ts';
import type { ProblemCode } from '#contracts/problems.ts';
import { type ArticleCommand, article } from '#packages/domain/article/article.ts';
import { fold } from '#packages/domain/decider.ts';
import { type Principal, principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { articleContentOf } from '../article-content.ts';
import { changed, commandContext, ticketChangeContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { agents } from '../ticket-change.ts';
import type { UploadReferences } from '../upload-reference.ts';

/** Who decides what readers see. */
const editors = ['supervisor', 'admin'] as const;
const Nothing = Strict({});

type Given<Body> = {
  readonly body: Body;
  readonly principal: Principal;
  /** The language of the path, where it has one. */
  readonly language: string;
};
type ArticleRoute<Body extends TSchema> = {
  readonly method: 'PUT' | 'DELETE';
  /** Below `/v1/articles/:article`. */
  readonly path: string;
  readonly access: readonly Role[];
  readonly summary: string;
  readonly description?: string;
  readonly body?: Body;
  readonly refusals?: readonly ProblemCode[];
  readonly type: ArticleCommand['type'];
  command(given: Given<Static<Body>>): ArticleCommand;
};

export function registerArticleCommands(app: HttpServer, deps: CommandApiDeps, uploads: UploadReferences): void {
  const { articles, store } = deps;

  app.post(
    '/v1/articles',
    {
      config: { access: agents, commands: ['CreateArticle'] },
      schema: {
        summary: 'Begin an article',
        description: 'As a draft in one language; readers see it once it is published.',
        tags: ['knowledge'],
        headers: changeHeaders,
        body: CreateArticleBody,
        response: {
          201: ArticleCreatedAnswer,
          ...refusals('LANGUAGE_INVALID', 'UNKNOWN_CATEGORY', 'UNKNOWN_SERVICE', 'IDEMPOTENCY_KEY_REUSED'),
        },
      },
    },
    async (request, reply) => {
      const { categoryId = null, language, services = [], tags = [], visibility = 'internal' } = request.body;
      const content = articleContentOf(request.body, uploads, principalOf(request).personId);
      const data = { language, content, visibility, place: { categoryId, services, tags } };
      const done = await articles.create(data, commandContext(request));
      reply.code(201);
      return { id: done.articleId, ...changed(reply, done) };
    },
  );

  const register = <Body extends TSchema = typeof Nothing>(route: ArticleRoute<Body>): void => {
    const { access, body, command, description, method, path, refusals: codes = [], summary, type } = route;
    const ofLanguage = path.includes(':language');
    app.route({
      method,
      url: `/v1/articles/:article${path}`,
      config: { access, commands: [type] },
      schema: {
        summary,
        ...(description !== undefined && { description }),
        tags: ['knowledge'],
        headers: ticketChangeHeaders,
        params: ofLanguage ? TranslationParams : ArticleParams,
        ...(body && { body }),
        response: {
          200: Changed,
          ...refusals(
            'ARTICLE_NOT_FOUND',
            'VERSION_CONFLICT',
            'PRECONDITION_REQUIRED',
            'IDEMPOTENCY_KEY_REUSED',
            ...codes,
          ),
        },
      },
      handler: async (request, reply) => {
        // Validated by the very schemas that the types come from; the route is generic in them.
        const { article: id, language = '' } = request.params as { article: string; language?: string };
        const given = { body: request.body as Static<Body>, principal: principalOf(request), language };
        return changed(reply, await articles.change(id, command(given), ticketChangeContext(request)));
      },
    });
  };

  register({
    method: 'PUT',
    path: '/translations/:language/draft',
    access: agents,
    summary: 'Save a draft',
    description: 'Of one language, which the article need not have yet. What is published stays as it is.',
    body: ArticleDraftBody,
    refusals: ['ARTICLE_ARCHIVED', 'LANGUAGE_INVALID', 'TOO_MANY_TRANSLATIONS'],
    type: 'SaveArticleDraft',
    command: ({ body, language, principal }) => ({
      type: 'SaveArticleDraft',
      data: { language, content: articleContentOf(body, uploads, principal.personId) },
    }),
  });
  register({
    method: 'PUT',
    path: '/translations/:language/publication',
    access: editors,
    summary: 'Publish a draft',
    description:
      'What it says now becomes the next edition, which never changes. Nothing when it is published already.',
    refusals: ['ARTICLE_ARCHIVED', 'LANGUAGE_INVALID', 'TRANSLATION_NOT_FOUND'],
    type: 'PublishArticle',
    command: ({ language }) => ({ type: 'PublishArticle', data: { language } }),
  });
  register({
    method: 'DELETE',
    path: '/translations/:language/publication',
    access: editors,
    summary: 'Take a translation back from readers',
    description: 'Draft and editions stay.',
    refusals: ['ARTICLE_ARCHIVED', 'LANGUAGE_INVALID', 'TRANSLATION_NOT_FOUND'],
    type: 'UnpublishArticle',
    command: ({ language }) => ({ type: 'UnpublishArticle', data: { language } }),
  });
  register({
    method: 'PUT',
    path: '/visibility',
    access: editors,
    summary: 'Say who may read an article',
    body: ArticleVisibilityBody,
    refusals: ['ARTICLE_ARCHIVED'],
    type: 'ChangeArticleVisibility',
    command: ({ body }) => ({ type: 'ChangeArticleVisibility', data: { to: body.visibility } }),
  });
  register({
    method: 'PUT',
    path: '/place',
    access: agents,
    summary: 'Put an article under category, services and tags',
    body: ArticlePlaceBody,
    refusals: ['ARTICLE_ARCHIVED', 'UNKNOWN_CATEGORY', 'UNKNOWN_SERVICE'],
    type: 'PlaceArticle',
    command: ({ body }) => ({ type: 'PlaceArticle', data: { to: body } }),
  });
  register({
    method: 'PUT',
    path: '/archive',
    access: editors,
    summary: 'Archive an article',
    description: 'Readers no longer find it; nothing of it is lost.',
    type: 'ArchiveArticle',
    command: () => ({ type: 'ArchiveArticle', data: { reason: null } }),
  });
  register({
    method: 'DELETE',
    path: '/archive',
    access: editors,
    summary: 'Take an article back from the archive',
    description: 'As it was, what is published included.',
    type: 'RestoreArticle',
    command: () => ({ type: 'RestoreArticle', data: { reason: null } }),
  });

  /** Throws ARTICLE_NOT_FOUND for an article that a customer cannot read: they are not told that there is one. */
  const checkReadable = async (request: FastifyRequest, id: string): Promise<void> => {
    const state = fold(article, await store.readStream(streams.article(id)));
    const open = !state.archived && [...state.translations.values()].some(({ published }) => published !== null);
    const readable =
      state.exists && (principalOf(request).role !== 'customer' || (open && state.visibility !== 'internal'));
    if (!readable) throw new AppError('ARTICLE_NOT_FOUND');
  };

  app.put(
    '/v1/articles/:article/translations/:language/rating',
    {
      config: { access: ['customer', ...agents], commands: ['RateArticle'] },
      schema: {
        summary: 'Say whether an article helped',
        description: 'One word per person, the newest; it is about the edition that is published now.',
        tags: ['knowledge'],
        headers: changeHeaders,
        params: TranslationParams,
        body: RateArticleBody,
        response: {
          200: Changed,
          ...refusals(
            ...(['ARTICLE_NOT_FOUND', 'ARTICLE_ARCHIVED', 'ARTICLE_NOT_PUBLISHED', 'TRANSLATION_NOT_FOUND'] as const),
            ...(['LANGUAGE_INVALID', 'IDEMPOTENCY_KEY_REUSED'] as const),
          ),
        },
      },
    },
    async (request, reply) => {
      const { article: id, language } = request.params;
      const { comment, helpful } = request.body;
      await checkReadable(request, id);
      const data = { language, helpful, comment: comment?.trim() ?? null, by: principalOf(request).personId };
      return changed(reply, await articles.change(id, { type: 'RateArticle', data }, commandContext(request)));
    },
  );
}
