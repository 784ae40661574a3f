import { AttachArticleBody, TicketArticleParams } from '#contracts/commands/ticket-articles.ts';
import { streams } from '#contracts/events/streams.ts';
import { article } from '#packages/domain/article/article.ts';
import { fold } from '#packages/domain/decider.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { CommandApiDeps } from '../deps.ts';
import { registerTicketChange } from '../ticket-change.ts';

export function registerTicketArticles(app: HttpServer, deps: CommandApiDeps): void {
  /** What the article says now. Throws UNKNOWN_ARTICLE and ARTICLE_NOT_PUBLISHED. */
  const published = async (articleId: string, wanted: string | undefined) => {
    const state = fold(article, await deps.store.readStream(streams.article(articleId)));
    if (!state.exists || state.archived) throw new AppError('UNKNOWN_ARTICLE');
    const found = [...state.translations].find(
      ([language, translation]) => translation.published !== null && (wanted === undefined || language === wanted),
    );
    if (!found?.[1].published) throw new AppError('ARTICLE_NOT_PUBLISHED');
    const [language, { published: now }] = found;
    return { language, edition: now.edition, title: now.content.title };
  };

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/articles/:article',
    command: 'AttachArticle',
    summary: 'Note that an article helped with a ticket',
    description: 'Perhaps in one of its answers. Counted with the article; customers are not told.',
    params: TicketArticleParams,
    body: AttachArticleBody,
    refusals: ['UNKNOWN_ARTICLE', 'ARTICLE_NOT_PUBLISHED', 'COMMENT_NOT_FOUND'],
    async change({ id, body, params, context }) {
      const articleId = params['article'] ?? '';
      const now = await published(articleId, body.language);
      const data = { articleId, ...now, commentId: body.commentId ?? null };
      return deps.tickets.change(id, { type: 'AttachArticle', data }, context);
    },
  });
}
