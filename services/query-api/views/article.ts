import type { Article, ArticleSummary, PublishedArticle, PublishedSummary } from '#contracts/api/articles.ts';
import type { Attachment } from '#contracts/events/message.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import type { ArticleRow, ArticleTextRow } from '#packages/read-db/tables-knowledge.ts';
import type { PublishedText, ShownArticle } from '../reads/articles.ts';
import type { Names } from '../reads/names.ts';

const maxExcerpt = 200;

const categoryOf = (id: string | null, settings: SettingsLookup) =>
  id === null ? null : { id, name: settings.current('article-category', id)?.value.name ?? id };

/** Text, HTML and files. Images in the HTML, which name their file by `cid:`, point at its download. */
export function bodyView(
  { attachments, html, text }: { text: string; html: string | null; attachments: readonly Attachment[] },
  base: string,
) {
  const files = attachments.map(({ blob, ...file }) => ({
    ...file,
    sha256: blob,
    href: `${base}/attachments/${blob}`,
  }));
  const shown = html?.replace(/(<img\b[^>]*?\ssrc=")cid:([^"]*)"/g, (_all, before: string, id: string) => {
    const href = files.find(({ contentId }) => contentId === id)?.href ?? 'data:,';
    return `${before}${href}"`;
  });
  return { text, html: shown ?? null, attachments: files };
}

export const publishedSummary = (row: PublishedText, settings: SettingsLookup): PublishedSummary => ({
  id: row.id,
  language: row.language,
  languages: [...row.languages],
  title: row.title,
  category: categoryOf(row.category_id, settings),
  tags: [...row.tags],
  publishedAt: row.published_at.toISOString(),
  excerpt: row.text
    .slice(0, maxExcerpt * 2)
    .replace(/\s+/g, ' ')
    .slice(0, maxExcerpt)
    .toWellFormed()
    .trim(),
});

export function publishedArticle(row: PublishedText, settings: SettingsLookup): PublishedArticle {
  const { excerpt, ...summary } = publishedSummary(row, settings);
  return { ...summary, edition: row.edition, ...bodyView(row, `/v1/kb/articles/${row.id}`) };
}

const articleView = (row: ArticleRow, settings: SettingsLookup) => ({
  id: row.id,
  visibility: row.visibility,
  archived: row.archived,
  category: categoryOf(row.category_id, settings),
  services: [...row.services],
  tags: [...row.tags],
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  helpful: row.helpful,
  unhelpful: row.unhelpful,
  used: row.used,
  version: row.version,
});

export const articleSummary = (row: ShownArticle, settings: SettingsLookup): ArticleSummary => ({
  ...articleView(row, settings),
  language: row.language,
  title: row.draft_title,
  published: row.edition !== null,
  changed: row.changed,
});

export const articleResource = (
  row: ArticleRow,
  texts: readonly ArticleTextRow[],
  { names, settings }: { names: Names; settings: SettingsLookup },
): Article => ({
  ...articleView(row, settings),
  translations: texts.map((text) => ({
    language: text.language,
    draft: {
      title: text.draft_title,
      ...bodyView(
        { text: text.draft_text, html: text.draft_html, attachments: text.draft_attachments },
        `/v1/articles/${row.id}`,
      ),
      savedAt: text.draft_at.toISOString(),
      by: names.actor('person', text.draft_by),
    },
    changed: text.changed,
    edition: text.edition,
    publishedAt: text.published_at?.toISOString() ?? null,
  })),
});
