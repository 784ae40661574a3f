import { type Kysely, sql } from 'kysely';
import type { Attachment } from '#contracts/events/message.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase, TimelineRow } from '#packages/read-db/tables.ts';

export type TimelineSlice = {
  readonly ticketId: string;
  /** Rows after this version of the ticket. */
  readonly afterVersion: number;
  readonly limit: number;
  /** Leaves out what customers may not see. */
  readonly publicOnly: boolean;
};

/** Rows of a ticket's course in order, one more than asked for if there are more. */
export function readTimeline(db: Kysely<ReadDatabase>, slice: TimelineSlice): Promise<readonly TimelineRow[]> {
  let query = db
    .selectFrom('timeline')
    .selectAll()
    .where('ticket_id', '=', slice.ticketId)
    .where('version', '>', slice.afterVersion)
    .orderBy('version')
    .limit(slice.limit + 1);
  if (slice.publicOnly) query = query.where('visibility', '=', 'public');
  return onReadDb(() => query.execute());
}

/** The same slice of rows that are in memory already, which is how the past comes. */
export const sliceTimeline = (rows: readonly TimelineRow[], slice: TimelineSlice): readonly TimelineRow[] =>
  rows
    .filter(({ version, visibility }) => version > slice.afterVersion && (visibility === 'public' || !slice.publicOnly))
    .slice(0, slice.limit + 1);

/** An attachment of a message of the ticket, by the hash of its content; undefined when it has none such. */
export async function findAttachment(
  db: Kysely<ReadDatabase>,
  { ticketId, blob, publicOnly }: { ticketId: string; blob: string; publicOnly: boolean },
): Promise<Attachment | undefined> {
  let query = db
    .selectFrom('timeline')
    .select('attachments')
    .where('ticket_id', '=', ticketId)
    .where(sql<boolean>`attachments @> ${JSON.stringify([{ blob }])}::jsonb`)
    .limit(1);
  if (publicOnly) query = query.where('visibility', '=', 'public');
  const row = await onReadDb(() => query.executeTakeFirst());
  return row?.attachments.find((attachment) => attachment.blob === blob);
}
