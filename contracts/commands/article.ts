import { type Static, Type } from 'typebox';
import { UploadReference } from '../api/attachments.ts';
import { ArticlePlace, ArticleVisibility } from '../events/article.ts';
import { Language, OneOf, Strict } from '../primitives.ts';

const InlineFile = Strict(
  {
    reference: UploadReference,
    contentId: Type.String({
      pattern: '^[A-Za-z0-9._-]{1,100}$',
      description: 'the html shows it as src="cid:<contentId>"',
    }),
  },
  { title: 'InlineFile' },
);
const content = {
  title: Type.String({
    minLength: 1,
    maxLength: 300,
    pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f\\u2028\\u2029]+$',
    description: 'one line, no control characters',
  }),
  html: Type.Optional(Type.String({ maxLength: 300_000, description: 'sanitised before it is stored' })),
  text: Type.Optional(Type.String({ maxLength: 200_000, description: 'left out: taken from the html' })),
  attachments: Type.Optional(Type.Array(UploadReference, { maxItems: 50 })),
  images: Type.Optional(Type.Array(InlineFile, { maxItems: 50 })),
};

export const CreateArticleBody = Strict(
  {
    language: Language,
    ...content,
    visibility: Type.Optional(ArticleVisibility),
    ...Type.Partial(ArticlePlace).properties,
  },
  { title: 'CreateArticle', description: 'html or text is needed; visibility is internal when left out' },
);
export type CreateArticleBody = Static<typeof CreateArticleBody>;

export const ArticleDraftBody = Strict(content, { title: 'ArticleDraft', description: 'html or text is needed' });
export type ArticleDraftBody = Static<typeof ArticleDraftBody>;

export const ArticleVisibilityBody = Strict({ visibility: ArticleVisibility }, { title: 'ArticleVisibility' });
export const ArticlePlaceBody = Strict({ ...ArticlePlace.properties }, { title: 'ArticlePlace' });

export const RateArticleBody = Strict(
  {
    helpful: OneOf(['yes', 'no']),
    comment: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000, pattern: '\\S' })),
  },
  { title: 'RateArticle', description: 'replaces what you said of the article before' },
);
