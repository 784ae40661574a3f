import type { ArticleVisibility } from '#contracts/events/article.ts';
import type { Attachment } from '#contracts/events/message.ts';

type Touched = { version: number; position: bigint };

/** An article, whatever its languages. */
export type ArticleRow = Touched & {
  id: string;
  visibility: ArticleVisibility;
  archived: boolean;
  category_id: string | null;
  services: readonly string[];
  tags: readonly string[];
  created_at: Date;
  updated_at: Date;
  /** People whose last word is that it helped, and that it did not. */
  helpful: number;
  unhelpful: number;
  /** Tickets that it was attached to. */
  used: number;
};

/** An article in one language: the draft, and what is published. */
export type ArticleTextRow = {
  article_id: string;
  language: string;
  draft_title: string;
  draft_text: string;
  draft_html: string | null;
  draft_attachments: readonly Attachment[];
  draft_at: Date;
  draft_by: string;
  /** The draft says something else than what is published. */
  changed: boolean;
  /** The edition that is published; it and all below null: none. */
  edition: number | null;
  title: string | null;
  text: string | null;
  html: string | null;
  attachments: readonly Attachment[];
  published_at: Date | null;
};

/** What was published once; stays as it was. */
export type ArticleEditionRow = {
  article_id: string;
  language: string;
  edition: number;
  title: string;
  text: string;
  html: string | null;
  attachments: readonly Attachment[];
  published_at: Date;
  published_by: string;
};

/** What somebody last said about an article. */
export type ArticleRatingRow = {
  article_id: string;
  person_id: string;
  language: string;
  edition: number;
  helpful: boolean;
  comment: string | null;
  rated_at: Date;
};

/** An article that helped with a ticket. */
export type TicketArticleRow = {
  ticket_id: string;
  article_id: string;
  title: string;
  attached_at: Date;
  attached_by: string;
};

/** What a ticket is about in its requester's first words, to find others like it. */
export type TicketWordsRow = {
  ticket_id: string;
  number: number;
  subject: string;
  comment_id: string;
  text: string;
  language: string | null;
  service_id: string | null;
  type_id: string | null;
  solved: boolean;
  set_aside: boolean;
  solved_at: Date | null;
};
