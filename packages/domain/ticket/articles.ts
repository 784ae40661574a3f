import type { TicketEvent } from '#contracts/events/ticket.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Handlers } from './handlers.ts';

type Attached = Extract<TicketEvent, { type: 'TicketArticleAttached' }>['data'];
/** Who sends it has looked the article up: title, language and edition are those that are published. */
export type AttachArticle = { readonly type: 'AttachArticle'; readonly data: Attached };

/** Also a closed ticket tells what helped. Refuses with COMMENT_NOT_FOUND. */
export const articles: Handlers<AttachArticle> = {
  AttachArticle({ data }, ticket) {
    const { articleId, commentId } = data;
    if (commentId !== null && !ticket.commentIds.includes(commentId)) throw new AppError('COMMENT_NOT_FOUND');
    const known = ticket.articles.some((each) => each.articleId === articleId && each.commentId === commentId);
    return known ? [] : [{ type: 'TicketArticleAttached', data }];
  },
};
