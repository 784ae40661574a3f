import { Type } from 'typebox';
import { TicketParams } from '../api/tickets.ts';
import { Language, Strict, Uuid } from '../primitives.ts';

export const TicketArticleParams = Strict({ ...TicketParams.properties, article: Uuid });
export const AttachArticleBody = Strict(
  {
    language: Type.Optional({ ...Language, description: 'left out: the first in which it is published' }),
    commentId: Type.Optional({ ...Uuid, description: 'the answer that it was given in' }),
  },
  { title: 'AttachArticle' },
);
