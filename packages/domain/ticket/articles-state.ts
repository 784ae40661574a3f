import type { TicketEvent } from '#contracts/events/ticket.ts';

type Attached = Extract<TicketEvent, { type: 'TicketArticleAttached' }>['data'];

/** Which articles were used, each with the answer that it was given in. */
export type ArticlesState = readonly Pick<Attached, 'articleId' | 'commentId'>[];

/** What was attached, after an event. Total. */
export const evolveArticles = (state: ArticlesState, event: TicketEvent): ArticlesState => {
  if (event.type !== 'TicketArticleAttached') return state;
  const { articleId, commentId } = event.data;
  return [...state, { articleId, commentId }];
};
