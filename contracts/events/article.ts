import { type Static, Type } from 'typebox';
import { Language, Nullable, OneOf, Slug, Strict, Uuid } from '../primitives.ts';
import type { EventOf } from './envelope.ts';
import { Attachment } from './message.ts';

export const articleVisibilities = ['public', 'customers', 'internal'] as const;
export const ArticleVisibility = OneOf(articleVisibilities, {
  description: 'who may read what is published: everybody, customers of the desk, or its people only',
});
export type ArticleVisibility = Static<typeof ArticleVisibility>;

/** What an article says in one language. `html` is sanitised before it enters the log; `text` is its plain twin. */
export const ArticleContent = Strict({
  title: Type.String({ minLength: 1, maxLength: 300 }),
  text: Type.String({ maxLength: 200_000 }),
  html: Nullable(Type.String({ maxLength: 300_000 })),
  attachments: Type.Array(Attachment, { maxItems: 100 }),
});
export type ArticleContent = Static<typeof ArticleContent>;

/** Where an article is found. */
export const ArticlePlace = Strict({
  categoryId: Nullable({ ...Slug, description: 'setting of kind article-category' }),
  services: Type.Array(Slug, { maxItems: 50, uniqueItems: true, description: 'services that it is about' }),
  tags: Type.Array(Type.String({ minLength: 1, maxLength: 50, pattern: '^\\S(.*\\S)?$' }), {
    maxItems: 50,
    uniqueItems: true,
  }),
});
export type ArticlePlace = Static<typeof ArticlePlace>;

const Reason = Nullable(Type.String({ minLength: 1, maxLength: 1_000 }));
const Edition = Type.Integer({ minimum: 1, description: 'the how manieth published text of that language' });

/** An article of the knowledge base: for each language a draft and, once published, editions that never change. */
export const articleEvents = {
  ArticleCreated: Strict({ visibility: ArticleVisibility, place: ArticlePlace }),
  ArticleDrafted: Strict({ language: Language, content: ArticleContent }),
  ArticleDraftChanged: Strict({ language: Language, content: ArticleContent }),
  /** What the draft of the language said at that moment. */
  ArticlePublished: Strict({ language: Language, edition: Edition }),
  ArticleUnpublished: Strict({ language: Language, edition: Edition }),
  ArticleVisibilityChanged: Strict({ from: ArticleVisibility, to: ArticleVisibility }),
  ArticlePlaced: Strict({ from: ArticlePlace, to: ArticlePlace }),
  ArticleArchived: Strict({ reason: Reason }),
  ArticleRestored: Strict({ reason: Reason }),
  ArticleRated: Strict({
    language: Language,
    edition: Edition,
    helpful: OneOf(['yes', 'no']),
    comment: Nullable(Type.String({ minLength: 1, maxLength: 2_000 })),
    by: { ...Uuid, description: 'whose earlier word on the article this replaces' },
  }),
} as const;
export type ArticleEvent = EventOf<typeof articleEvents>;
