import { isHiddenFromCustomers } from '#packages/domain/ticket/audience.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { RowSet } from '#packages/projector/projection.ts';
import type { AudienceColumns, TicketNoteRow } from '#packages/read-db/tables-conversation.ts';
import { timeOf } from './origin.ts';

export const audienceColumns = {
  public_comment_count: 'integer not null',
  public_version: 'integer not null',
  public_at: 'timestamptz not null',
} as const;

export const firstAudience = (event: StoredEvent): AudienceColumns => ({
  public_comment_count: 0,
  public_version: event.version,
  public_at: timeOf(event),
});

/** What customers may know after an event; of a message that is moved away `notes` tells whether it was a note. */
export function audienceAfter(
  row: AudienceColumns,
  event: StoredEvent,
  notes: RowSet<TicketNoteRow, TicketNoteRow>,
): Partial<AudienceColumns> {
  const { data, type } = event;
  const count = row.public_comment_count;
  const comes = type === 'TicketCommented' || type === 'TicketCommentMovedIn';
  const hidden = isHiddenFromCustomers(event);
  if (comes && hidden) notes.put({ comment_id: data.commentId });
  if (hidden) return {};
  const seen = { public_version: event.version, public_at: timeOf(event) };
  if (comes) return { ...seen, public_comment_count: count + 1 };
  if (type !== 'TicketCommentMovedOut') return seen;
  if (notes.get({ comment_id: data.commentId }) === undefined) return { ...seen, public_comment_count: count - 1 };
  notes.delete({ comment_id: data.commentId });
  return {};
}
