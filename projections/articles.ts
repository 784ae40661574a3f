import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type RowsOf, type StoredOf, type Table } from '#packages/projector/projection.ts';
import type {
  ArticleEditionRow,
  ArticleRatingRow,
  ArticleRow,
  ArticleTextRow,
  TicketArticleRow,
} from '#packages/read-db/tables-knowledge.ts';
import { wordsOf } from '#packages/read-db/words.ts';
import { originColumns, originOf, timeOf } from './origin.ts';

const articleRows: Table<ArticleRow, 'id'> = {
  key: ['id'],
  columns: {
    id: 'uuid not null',
    visibility: 'text not null',
    archived: 'boolean not null',
    category_id: 'text',
    services: 'text[] not null',
    tags: 'text[] not null',
    created_at: 'timestamptz not null',
    updated_at: 'timestamptz not null',
    helpful: 'integer not null',
    unhelpful: 'integer not null',
    used: 'integer not null',
    ...originColumns,
  },
  indexes: ['(updated_at, id)', '(category_id)', 'using gin (services)', 'using gin (tags)'],
};

const textRows: Table<ArticleTextRow, 'article_id' | 'language'> = {
  key: ['article_id', 'language'],
  columns: {
    article_id: 'uuid not null',
    language: 'text not null',
    draft_title: 'text not null',
    draft_text: 'text not null',
    draft_html: 'text',
    draft_attachments: 'jsonb not null',
    draft_at: 'timestamptz not null',
    draft_by: 'text not null',
    changed: 'boolean not null',
    edition: 'integer',
    title: 'text',
    text: 'text',
    html: 'text',
    attachments: 'jsonb not null',
    published_at: 'timestamptz',
  },
  generated: {
    words: `tsvector generated always as (${wordsOf('language', 'title', 'text')}) stored`,
    draft_words: `tsvector generated always as (${wordsOf('language', 'draft_title', 'draft_text')}) stored`,
  },
  indexes: ['using gin (words)', 'using gin (draft_words)'],
};

const editionRows: Table<ArticleEditionRow, 'article_id' | 'language' | 'edition'> = {
  key: ['article_id', 'language', 'edition'],
  columns: {
    article_id: 'uuid not null',
    language: 'text not null',
    edition: 'integer not null',
    title: 'text not null',
    text: 'text not null',
    html: 'text',
    attachments: 'jsonb not null',
    published_at: 'timestamptz not null',
    published_by: 'text not null',
  },
  indexes: [],
};

const ratingRows: Table<ArticleRatingRow, 'article_id' | 'person_id'> = {
  key: ['article_id', 'person_id'],
  columns: {
    article_id: 'uuid not null',
    person_id: 'uuid not null',
    language: 'text not null',
    edition: 'integer not null',
    helpful: 'boolean not null',
    comment: 'text',
    rated_at: 'timestamptz not null',
  },
  indexes: [],
};

const usedRows: Table<TicketArticleRow, 'ticket_id' | 'article_id'> = {
  key: ['ticket_id', 'article_id'],
  columns: {
    ticket_id: 'uuid not null',
    article_id: 'uuid not null',
    title: 'text not null',
    attached_at: 'timestamptz not null',
    attached_by: 'text not null',
  },
  indexes: ['(article_id)'],
};

const tables = {
  articles: articleRows,
  article_texts: textRows,
  article_editions: editionRows,
  article_ratings: ratingRows,
  ticket_articles: usedRows,
};

const changeTypes = [
  'ArticleDrafted',
  'ArticleDraftChanged',
  'ArticlePublished',
  'ArticleUnpublished',
  'ArticleVisibilityChanged',
  'ArticlePlaced',
  'ArticleArchived',
  'ArticleRestored',
  'ArticleRated',
] as const;
type Rows = RowsOf<typeof tables>;

/** The knowledge base: articles, their texts and editions, what people think of them and where they helped. */
export const articles = defineProjection({
  name: 'articles',
  version: 1,
  tables,
  handles: ['ArticleCreated', ...changeTypes, 'TicketArticleAttached'],
  fold: (event, rows) => {
    if (event.type === 'TicketArticleAttached') return attached(event, rows);
    const id = idOf(event.stream);
    if (event.type === 'ArticleCreated') {
      const { place, visibility } = event.data;
      const at = timeOf(event);
      const counts = { helpful: 0, unhelpful: 0, used: 0 };
      const placed = { category_id: place.categoryId, services: place.services, tags: place.tags };
      const dates = { created_at: at, updated_at: at };
      rows.articles.put({ id, visibility, archived: false, ...placed, ...dates, ...counts, ...originOf(event) });
      return;
    }
    const row = rows.articles.get({ id });
    if (row) rows.articles.put({ ...row, ...changed(row, event, rows), ...originOf(event) });
  },
});

/** What an event changes of the article itself; its texts and ratings are written on the way. */
function changed(row: ArticleRow, event: StoredOf<(typeof changeTypes)[number]>, rows: Rows): Partial<ArticleRow> {
  const updated = { updated_at: timeOf(event) };
  switch (event.type) {
    case 'ArticleVisibilityChanged':
      return { visibility: event.data.to, ...updated };
    case 'ArticlePlaced': {
      const { categoryId: category_id, services, tags } = event.data.to;
      return { category_id, services, tags, ...updated };
    }
    case 'ArticleArchived':
      return { archived: true, ...updated };
    case 'ArticleRestored':
      return { archived: false, ...updated };
    case 'ArticleRated':
      return rated(row, event, rows);
    default:
      translated(event, rows);
      return updated;
  }
}

type OfLanguage = StoredOf<'ArticleDrafted' | 'ArticleDraftChanged' | 'ArticlePublished' | 'ArticleUnpublished'>;
const nothingPublished = { edition: null, title: null, text: null, html: null, attachments: [], published_at: null };

function translated(event: OfLanguage, rows: Rows): void {
  const key = { article_id: idOf(event.stream), language: event.data.language };
  const before = rows.article_texts.get(key);
  const by = event.metadata.actor.id;
  const at = timeOf(event);
  if (event.type === 'ArticleDrafted' || event.type === 'ArticleDraftChanged') {
    const { attachments, html, text, title } = event.data.content;
    const draft = { draft_title: title, draft_text: text, draft_html: html, draft_attachments: attachments };
    const published = before ?? nothingPublished;
    rows.article_texts.put({ ...published, ...key, ...draft, draft_at: at, draft_by: by, changed: true });
    return;
  }
  if (!before) return;
  if (event.type === 'ArticleUnpublished') {
    rows.article_texts.put({ ...before, ...nothingPublished, changed: true });
    return;
  }
  const { edition } = event.data;
  const { draft_attachments: attachments, draft_html: html, draft_text: text, draft_title: title } = before;
  const content = { edition, title, text, html, attachments, published_at: at };
  rows.article_texts.put({ ...before, ...content, changed: false });
  rows.article_editions.put({ ...key, ...content, published_by: by });
}

function rated(row: ArticleRow, event: StoredOf<'ArticleRated'>, rows: Rows): Partial<ArticleRow> {
  const { by, comment, edition, helpful, language } = event.data;
  const key = { article_id: row.id, person_id: by };
  const before = rows.article_ratings.get(key);
  const is = helpful === 'yes';
  rows.article_ratings.put({ ...key, language, edition, helpful: is, comment, rated_at: timeOf(event) });
  return {
    helpful: row.helpful + Number(is) - Number(before?.helpful === true),
    unhelpful: row.unhelpful + Number(!is) - Number(before?.helpful === false),
  };
}

function attached(event: StoredOf<'TicketArticleAttached'>, rows: Rows): void {
  const { articleId: article_id, title } = event.data;
  const key = { ticket_id: idOf(event.stream), article_id };
  if (rows.ticket_articles.get(key)) return;
  rows.ticket_articles.put({ ...key, title, attached_at: timeOf(event), attached_by: event.metadata.actor.id });
  const row = rows.articles.get({ id: article_id });
  if (row) rows.articles.put({ ...row, used: row.used + 1 });
}
