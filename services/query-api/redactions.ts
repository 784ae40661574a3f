import type { Kysely } from 'kysely';
import type { DeskEvent } from '#contracts/events/all.ts';
import { idOf } from '#contracts/events/streams.ts';
import { redacted } from '#packages/domain/ticket/redaction.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { CommentRedactionRow } from '#packages/read-db/tables-conversation.ts';

const notice = '[Something was taken out of this message.]';
const whole = [{ kind: 'whole' }] as const;

/** The message that an event holds, by the id under which things are taken out of it. */
const commentOf = ({ data }: Pick<DeskEvent, 'data'>): string | null =>
  'commentId' in data && 'message' in data ? data.commentId : null;

/**
 * Events as they may be read: whatever was taken out of a message by now is out of them too, at whatever moment of the
 * past one looks. Of a message that was changed before, all but the newest words go. Rejects with READ_MODEL_UNAVAILABLE.
 */
export async function readable(
  db: Kysely<ReadDatabase>,
  events: readonly StoredEvent[],
): Promise<readonly StoredEvent[]> {
  const comments = [...new Set(events.map(commentOf).filter((id) => id !== null))];
  const mails = events.flatMap(({ data, type }) => (type === 'OutboundMailQueued' ? [data.causeEventId] : []));
  if (comments.length + mails.length === 0) return events;
  const rows = await onReadDb(() =>
    db
      .selectFrom('comment_redactions')
      .selectAll()
      .where(({ eb, or }) =>
        or([
          ...(comments.length > 0 ? [eb('comment_id', 'in', comments)] : []),
          ...(mails.length > 0 ? [eb('event_id', 'in', mails)] : []),
        ]),
      )
      .orderBy('position')
      .execute(),
  );
  return rows.length === 0 ? events : events.map((event) => masked(event, rows));
}

function masked(event: StoredEvent, rows: readonly CommentRedactionRow[]): StoredEvent {
  if (event.type === 'OutboundMailQueued') {
    const { data } = event;
    return rows.some(({ event_id }) => event_id === data.causeEventId) ? { ...event, data: withoutBody(data) } : event;
  }
  const commentId = commentOf(event);
  const later = rows.filter((row) => row.comment_id === commentId && row.position > event.position);
  return later.reduce(withoutParts, event);
}

function withoutParts(event: StoredEvent, { held_by, parts, ticket_id }: CommentRedactionRow): StoredEvent {
  if (!('message' in event.data)) return event;
  const held = idOf(event.stream) === ticket_id && event.version === held_by;
  const message = redacted(event.data.message, held ? parts : whole);
  // The type of an event and that of its data belong together, which the compiler loses sight of in a copy.
  return { ...event, data: { ...event.data, message } } as StoredEvent;
}

const withoutBody = <T extends { text: string; html: string | null; attachments: unknown }>(mail: T) => ({
  ...mail,
  text: notice,
  html: null,
  attachments: [],
});

/** A mail of the desk as it may be read: that of a message that something was taken out of says so in its place. */
export async function readableMail<
  T extends { cause_event_id: string; text: string; html: string | null; attachments: readonly unknown[] },
>(db: Kysely<ReadDatabase>, mail: T): Promise<T> {
  const row = await onReadDb(() =>
    db
      .selectFrom('comment_redactions')
      .select('position')
      .where('event_id', '=', mail.cause_event_id)
      .limit(1)
      .executeTakeFirst(),
  );
  return row ? { ...mail, ...withoutBody(mail) } : mail;
}
