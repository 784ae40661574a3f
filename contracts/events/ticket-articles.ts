import { Type } from 'typebox';
import { Language, Nullable, Strict, Uuid } from '../primitives.ts';

/** Articles of the knowledge base that helped with a ticket. */
export const ticketArticleEvents = {
  TicketArticleAttached: Strict({
    articleId: Uuid,
    language: Language,
    edition: Type.Integer({ minimum: 1, description: 'what it said when it was used' }),
    title: Type.String({ minLength: 1, maxLength: 300 }),
    commentId: Nullable({ ...Uuid, description: 'the answer that it was given in; null: in none' }),
  }),
} as const;
