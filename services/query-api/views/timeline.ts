import type { TimelineEntry } from '#contracts/api/tickets.ts';
import type { Attachment } from '#contracts/events/message.ts';
import type { TimelineRow } from '#packages/read-db/tables.ts';
import type { Names } from '../reads/names.ts';
import type { TimelineScope } from '../timeline-scope.ts';
import { lifecycleDetail } from './lifecycle.ts';
import type { Reader } from './reader.ts';

const attachmentView = (ticketId: string, { blob, ...attachment }: Attachment) => ({
  ...attachment,
  sha256: blob,
  href: `/v1/tickets/${ticketId}/attachments/${blob}`,
});

/** A row as it is shown in the course of a ticket, which need not be the one that it is of. */
export type ShownRow = TimelineRow & {
  readonly shown_on: string;
  readonly origin: { readonly id: string; readonly number: number; readonly saidAt: string | null } | null;
};

/** Puts down where a message is from: moved here, else of a ticket that was merged into this one. */
export function shownRow(row: TimelineRow, ticketId: string, scopes: readonly TimelineScope[]): ShownRow {
  const { moved_from: moved } = row;
  if (moved)
    return { ...row, shown_on: ticketId, origin: { id: moved.ticketId, number: moved.number, saidAt: moved.saidAt } };
  const from = row.ticket_id === ticketId ? undefined : scopes.find((scope) => scope.ticketId === row.ticket_id);
  return { ...row, shown_on: ticketId, origin: from ? { id: from.ticketId, number: from.number, saidAt: null } : null };
}

/** Ids of the people that these rows name. */
export const peopleOf = (rows: readonly TimelineRow[]) =>
  rows.flatMap(({ actor_kind, actor_id, author_id }) => [actor_kind === 'person' ? actor_id : null, author_id]);

/** One thing in the course of a ticket. */
export function timelineEntry(row: ShownRow, names: Names, reader: Reader): TimelineEntry {
  const author = row.author_id && row.author_role ? { ...names.person(row.author_id), role: row.author_role } : null;
  return {
    id: row.event_id,
    version: row.version,
    at: row.at.toISOString(),
    kind: row.kind,
    visibility: row.visibility,
    actor: names.actor(row.actor_kind, row.actor_id),
    source: row.source,
    commentId: row.comment_id,
    author,
    channel: row.channel,
    automatic: row.automatic,
    text: row.text,
    html: row.html,
    attachments: row.attachments.map((attachment) => attachmentView(row.shown_on, attachment)),
    origin: row.origin,
    detail: lifecycleDetail(row, reader),
  };
}
