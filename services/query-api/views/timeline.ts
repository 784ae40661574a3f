import type { TimelineEntry } from '#contracts/api/tickets.ts';
import type { Attachment } from '#contracts/events/message.ts';
import type { Mention } from '#contracts/events/ticket-conversation.ts';
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

/** Puts down where a message is from: moved here, else of a ticket that was merged into this one, or of its customer. */
export function shownRow(row: TimelineRow, ticketId: string, scopes: readonly TimelineScope[]): ShownRow {
  const { merged_ticket: merged, moved_from: moved } = row;
  if (moved)
    return { ...row, shown_on: ticketId, origin: { id: moved.ticketId, number: moved.number, saidAt: moved.saidAt } };
  const from = row.ticket_id === ticketId ? merged : scopes.find((scope) => scope.ticketId === row.ticket_id);
  return { ...row, shown_on: ticketId, origin: from ? { id: from.ticketId, number: from.number, saidAt: null } : null };
}

/** A row as customers see it: whom it calls upon, and who took something out, is the desk's business. */
export const outside = (row: TimelineRow): TimelineRow => ({
  ...row,
  mentions: [],
  redacted: row.redacted && { ...row.redacted, by: null },
});

const mentioned = (rows: readonly TimelineRow[], kind: Mention['kind']) =>
  rows.flatMap(({ mentions }) => mentions.filter((each) => each.kind === kind).map(({ id }) => id));

/** Ids of the people and groups that these rows name. */
export const namedBy = (rows: readonly TimelineRow[]) => ({
  people: [
    ...rows.flatMap(({ actor_kind, actor_id, author_id, edited, redacted }) => [
      actor_kind === 'person' ? actor_id : null,
      author_id,
      edited?.by,
      redacted?.by,
    ]),
    ...mentioned(rows, 'person'),
  ],
  groups: mentioned(rows, 'group'),
});

const mentionView = ({ id, kind }: Mention, names: Names) => {
  const { name } = (kind === 'group' ? names.group(id) : null) ?? names.person(id);
  return { kind, id, name };
};

/** Images that came with the message, by `cid:` (RFC 2392), as paths that the reader may fetch. */
const withPaths = (html: string, attachments: readonly { contentId: string | null; href: string }[]): string =>
  html.replace(/(<img\b[^<>]*\ssrc=")cid:([^"]+)"/g, (image, before: string, written: string) => {
    const contentId = written.replaceAll('&amp;', '&');
    const file = attachments.find((each) => each.contentId === contentId);
    return file ? `${before}${file.href}"` : image;
  });

/** One thing in the course of a ticket. */
export function timelineEntry(row: ShownRow, names: Names, reader: Reader): TimelineEntry {
  const author = row.author_id && row.author_role ? { ...names.person(row.author_id), role: row.author_role } : null;
  const attachments = row.attachments.map((attachment) => attachmentView(row.shown_on, attachment));
  const { edited, redacted } = row;
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
    html: row.html && withPaths(row.html, attachments),
    attachments,
    mentions: row.mentions.map((mention) => mentionView(mention, names)),
    edited: edited && { at: edited.at, by: names.person(edited.by) },
    redacted: redacted && { ...redacted, by: names.personOrNull(redacted.by) },
    origin: row.origin,
    detail: lifecycleDetail(row, reader),
  };
}
