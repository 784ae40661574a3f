import { type Static, Type } from 'typebox';
import { ArticleVisibility } from '../events/article.ts';
import { Instant, Language, Nullable, OneOf, Sha256, Slug, Strict, Uuid } from '../primitives.ts';
import { AttachmentView } from './attachments.ts';
import { ActorRef, outcome, PersonRef, pageOf, paging } from './common.ts';

export const ArticleParams = Strict({ article: Uuid });
export const TranslationParams = Strict({ article: Uuid, language: Language });
export const EditionParams = Strict({
  article: Uuid,
  language: Language,
  edition: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
});
export const ArticleFileParams = Strict({ article: Uuid, sha256: Sha256 });
export const ArticleCreatedAnswer = Type.Object({ id: Uuid, ...outcome }, { title: 'ArticleCreatedAnswer' });

const lang = Type.Optional({
  ...Language,
  description: 'the language wanted most; left out: by Accept-Language. Where there is none, another is given.',
});
const Words = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\u0000]*$',
  description: 'words, as in a search engine',
});

export const PublishedQuery = Strict({
  q: Type.Optional(Words),
  lang,
  category: Type.Optional({ ...Slug, description: 'with the categories that are part of it' }),
  service: Type.Optional(Slug),
  tag: Type.Optional(Type.String({ maxLength: 50 })),
  ...paging,
});
export type PublishedQuery = Static<typeof PublishedQuery>;
export const ArticleQuery = Strict({
  ...PublishedQuery.properties,
  state: Type.Optional(
    OneOf(['published', 'unpublished', 'changed', 'archived'], {
      description:
        'published in some language, in none, with drafts that say something newer, or archived. Left out: all but the archived.',
    }),
  ),
});
export type ArticleQuery = Static<typeof ArticleQuery>;
export const LanguageQuery = Strict({ lang });

const category = Nullable(Type.Object({ id: Slug, name: Type.String() }, { title: 'CategoryRef' }));
const published = {
  id: Uuid,
  language: { ...Language, description: 'of this text' },
  languages: Type.Array(Language, { description: 'in which it is published' }),
  title: Type.String(),
  category,
  tags: Type.Array(Type.String()),
  publishedAt: Instant,
};
export const PublishedSummary = Type.Object(
  { ...published, excerpt: Type.String({ description: 'how it begins' }) },
  { title: 'PublishedSummary' },
);
export type PublishedSummary = Static<typeof PublishedSummary>;
export const PublishedPage = pageOf('PublishedPage', PublishedSummary);
const body = {
  text: Type.String(),
  html: Nullable(Type.String({ description: 'sanitised; images point at downloads' })),
  attachments: Type.Array(AttachmentView),
};
export const PublishedArticle = Type.Object(
  { ...published, edition: Type.Integer(), ...body },
  { title: 'PublishedArticle' },
);
export type PublishedArticle = Static<typeof PublishedArticle>;

const counts = {
  helpful: Type.Integer({ description: 'people whom it helped' }),
  unhelpful: Type.Integer(),
  used: Type.Integer({ description: 'tickets that it was attached to' }),
};
const article = {
  id: Uuid,
  visibility: ArticleVisibility,
  archived: Type.Boolean(),
  category,
  services: Type.Array(Slug),
  tags: Type.Array(Type.String()),
  createdAt: Instant,
  updatedAt: Instant,
  ...counts,
  version: Type.Integer({ description: 'version of the article; its ETag is this in quotes' }),
};
export const ArticleSummary = Type.Object(
  {
    ...article,
    language: Language,
    title: Type.String({ description: 'of the draft' }),
    published: Type.Boolean({ description: 'in this language' }),
    changed: Type.Boolean({ description: 'the draft says something newer' }),
  },
  { title: 'ArticleSummary' },
);
export type ArticleSummary = Static<typeof ArticleSummary>;
export const ArticlePage = pageOf('ArticlePage', ArticleSummary);

const Translation = Type.Object(
  {
    language: Language,
    draft: Type.Object({ title: Type.String(), ...body, savedAt: Instant, by: ActorRef }, { title: 'Draft' }),
    changed: Type.Boolean({ description: 'the draft says something else than what is published' }),
    edition: Nullable(Type.Integer({ description: 'the one that is published' })),
    publishedAt: Nullable(Instant),
  },
  { title: 'Translation' },
);
export const Article = Type.Object({ ...article, translations: Type.Array(Translation) }, { title: 'Article' });
export type Article = Static<typeof Article>;

const edition = {
  language: Language,
  edition: Type.Integer(),
  title: Type.String(),
  publishedAt: Instant,
  by: ActorRef,
};
export const EditionList = Type.Object(
  { items: Type.Array(Type.Object(edition, { title: 'EditionSummary' }), { description: 'newest first' }) },
  { title: 'EditionList' },
);
export const Edition = Type.Object({ ...edition, ...body }, { title: 'Edition' });

export const ArticleRatingList = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          person: PersonRef,
          helpful: OneOf(['yes', 'no']),
          comment: Nullable(Type.String()),
          language: Language,
          edition: Type.Integer(),
          ratedAt: Instant,
        },
        { title: 'ArticleRating' },
      ),
      { description: 'the newest 500, newest first' },
    ),
  },
  { title: 'ArticleRatingList' },
);

export const Suggestions = Type.Object(
  {
    articles: Type.Array(PublishedSummary),
    tickets: Type.Array(
      Type.Object(
        { id: Uuid, number: Type.Integer(), subject: Type.String(), solvedAt: Instant },
        { title: 'SimilarTicket' },
      ),
      { description: 'solved ones; none for customers' },
    ),
  },
  { title: 'Suggestions' },
);
export const SuggestionQuery = Strict({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20, default: 5, description: 'most of each kind' })),
});
