import type { Mention, RedactedPart } from '#contracts/events/ticket-conversation.ts';

/** Whom a message mentions. */
export type CommentMentionRow = {
  comment_id: string;
  ticket_id: string;
  people: readonly string[];
  groups: readonly string[];
};

/** One time that something was taken out of a message. */
export type CommentRedactionRow = {
  position: bigint;
  comment_id: string;
  ticket_id: string;
  /** Of the event that the message first came by, which is also what mails of it name as their cause. */
  event_id: string;
  /** Version of the event of the ticket that the places in `parts` are of. */
  held_by: number;
  parts: readonly RedactedPart[];
};

/** What happened to a message after it was said, for the rows of the timeline. `at` is RFC 3339. */
export type MessageMarks = {
  mentions: readonly Mention[];
  edited: { readonly at: string; readonly by: string } | null;
  redacted: { readonly at: string; readonly by: string | null; readonly whole: boolean } | null;
};

/** What customers may know of how a ticket goes on: all but notes, deadlines and the like. */
export type AudienceColumns = {
  public_comment_count: number;
  public_version: number;
  public_at: Date;
};

/** A note, so that it is known for one when it is moved away. */
export type TicketNoteRow = { comment_id: string };
