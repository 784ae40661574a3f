import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Attachment } from '#contracts/events/message.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase, TimelineRow } from '#packages/read-db/tables.ts';
import { isWithin, type TimelineScope } from '../timeline-scope.ts';

export type TimelineSlice = {
  /** Whose rows, and which of them. */
  readonly scopes: readonly TimelineScope[];
  /** Rows after this place in the log. */
  readonly after: bigint;
  readonly limit: number;
  /** Leaves out what customers may not see. */
  readonly publicOnly: boolean;
};

/** Rows of a ticket's course in the order of the log, one more than asked for if there are more. */
export function readTimeline(db: Kysely<ReadDatabase>, slice: TimelineSlice): Promise<readonly TimelineRow[]> {
  let query = db
    .selectFrom('timeline')
    .selectAll()
    .where(withinAny(slice.scopes))
    .where('position', '>', slice.after)
    .orderBy('position')
    .limit(slice.limit + 1);
  if (slice.publicOnly) query = query.where('visibility', '=', 'public');
  return onReadDb(() => query.execute());
}

const withinAny = (scopes: readonly TimelineScope[]): RawBuilder<boolean> =>
  sql<boolean>`(${sql.join(scopes.map(within), sql` or `)})`;

function within({ reader, show, ticketId }: TimelineScope): RawBuilder<boolean> {
  const here = sql<boolean>`timeline.ticket_id = ${ticketId}`;
  const theirs = sql<boolean>`(timeline.merged_ticket is null or timeline.author_id = any(${[...(reader ?? [])]}::uuid[]))`;
  const own = reader === null ? here : sql<boolean>`(${here} and ${theirs})`;
  if (show === 'all') return own;
  const messages = sql<boolean>`${own} and timeline.kind in ('created', 'comment')`;
  if (show === 'messages') return sql<boolean>`(${messages})`;
  return sql<boolean>`(${messages} and timeline.position > ${show.after}
    and (timeline.author_role = 'agent' and timeline.moved_from is null or timeline.author_id = any(${[...show.people]}::uuid[])))`;
}

/** The same slice of rows that are in memory already, which is how the past comes. */
export const sliceTimeline = (rows: readonly TimelineRow[], slice: TimelineSlice): readonly TimelineRow[] =>
  rows
    .filter((row) => row.position > slice.after && (row.visibility === 'public' || !slice.publicOnly))
    .filter((row) => slice.scopes.some((scope) => isWithin(scope, row)))
    .toSorted((a, b) => (a.position < b.position ? -1 : 1))
    .slice(0, slice.limit + 1);

/** An attachment of a message in these scopes, by the hash of its content; undefined when there is none such. */
export async function findAttachment(
  db: Kysely<ReadDatabase>,
  { scopes, blob, publicOnly }: { scopes: readonly TimelineScope[]; blob: string; publicOnly: boolean },
): Promise<Attachment | undefined> {
  let query = db
    .selectFrom('timeline')
    .select('attachments')
    .where(withinAny(scopes))
    .where(sql<boolean>`attachments @> ${JSON.stringify([{ blob }])}::jsonb`)
    .limit(1);
  if (publicOnly) query = query.where('visibility', '=', 'public');
  const row = await onReadDb(() => query.executeTakeFirst());
  return row?.attachments.find((attachment) => attachment.blob === blob);
}
