import { type Kysely, sql } from 'kysely';
import type { LinkName } from '#contracts/api/ticket-relations.ts';
import type { LinkKind } from '#contracts/events/ticket-relations.ts';
import type { Status } from '#contracts/primitives.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase, TicketRow } from '#packages/read-db/tables.ts';
import type { TicketLinkRow } from '#packages/read-db/tables-relations.ts';

/** Another ticket as far as relations show it. */
export type Relative = {
  readonly id: string;
  readonly number: number;
  readonly subject: string;
  readonly status: Status;
};

/** The tickets that one is bound to. */
export type Family = {
  readonly mergedInto: Relative | null;
  /** Where the merges lead in the end; null for a ticket that is not merged. */
  readonly survivor: Relative | null;
  readonly absorbed: readonly (Relative & { readonly into: string; readonly requesterId: string })[];
  readonly links: readonly { readonly kind: LinkName; readonly ticket: Relative }[];
  readonly parent: Relative | null;
  /** Those that are not set aside. */
  readonly children: readonly Relative[];
  /** The ticket that this one goes on from. */
  readonly followUpOf: Relative | null;
  /** Those that go on from this one and are not set aside, the first of them. */
  readonly followUps: readonly Relative[];
};

const inverse: Record<LinkKind, LinkName> = {
  related: 'related',
  duplicate: 'duplicated-by',
  blocks: 'blocked-by',
  'caused-by': 'causes',
};

/** The ticket at the other end of a link, and how the link reads from `id`. */
export const linkSeenFrom = (
  id: string,
  { from_id, kind, to_id }: Pick<TicketLinkRow, 'from_id' | 'kind' | 'to_id'>,
) => (from_id === id ? { kind, other: to_id } : { kind: inverse[kind], other: from_id });

/** Bounds what one answer reads; more merges than this lead nowhere a person could follow. */
const maxDepth = 500;
const maxFollowUps = 100;

type Db = Kysely<ReadDatabase>;
const columns = ['id', 'number', 'subject', 'status'] as const;
const relative = ({ id, number, status, subject }: Relative): Relative => ({ id, number, status, subject });

/** All rows of links of a ticket from either side, those that were taken away included. */
export const linkRows = (db: Db, id: string): Promise<readonly TicketLinkRow[]> =>
  onReadDb(() =>
    db
      .selectFrom('ticket_links')
      .selectAll()
      .where(({ eb, or }) => or([eb('from_id', '=', id), eb('to_id', '=', id)]))
      .orderBy('linked_position')
      .execute(),
  );

const absorbedRows = (db: Db, id: string) =>
  onReadDb(async () => {
    const { rows } = await sql<Relative & { merged_into: string; requester_id: string }>`
      with recursive below(id, level) as (
        select ${id}::uuid, 0
        union all
        select t.id, b.level + 1 from read.tickets t join below b on t.merged_into = b.id where b.level < ${maxDepth}
      )
      select t.id, t.number, t.subject, t.status, t.merged_into, t.requester_id
      from below b join read.tickets t using (id) where b.level > 0 order by t.number`.execute(db);
    return rows;
  });

const survivorRow = (db: Db, id: string) =>
  onReadDb(async () => {
    const { rows } = await sql<Relative>`
      with recursive above(id, merged_into, level) as (
        select t.id, t.merged_into, 0 from read.tickets t where t.id = ${id}::uuid
        union all
        select t.id, t.merged_into, a.level + 1 from read.tickets t join above a on t.id = a.merged_into
        where a.level < ${maxDepth}
      )
      select t.id, t.number, t.subject, t.status from above a join read.tickets t using (id)
      order by a.level desc limit 1`.execute(db);
    return rows[0] ?? null;
  });

/** Tickets that go on from one. */
export const followUpRows = (db: Db, id: string): Promise<readonly Relative[]> =>
  onReadDb(() =>
    db
      .selectFrom('tickets')
      .select(columns)
      .where('follow_up_of', '=', id)
      .where('set_aside', 'is', null)
      .orderBy('number')
      .limit(maxFollowUps)
      .execute(),
  );

/** The family of a ticket as the read models have it. Rejects with READ_MODEL_UNAVAILABLE or TIMEOUT. */
export async function readFamily(db: Db, row: TicketRow): Promise<Family> {
  const [links, absorbed, children, followUps, survivor] = await Promise.all([
    linkRows(db, row.id),
    absorbedRows(db, row.id),
    onReadDb(() =>
      db
        .selectFrom('tickets')
        .select(columns)
        .where('parent_id', '=', row.id)
        .where('set_aside', 'is', null)
        .orderBy('number')
        .execute(),
    ),
    followUpRows(db, row.id),
    row.merged_into === null ? null : survivorRow(db, row.id),
  ]);
  const seen = links.filter(({ unlinked_at }) => unlinked_at === null).map((link) => linkSeenFrom(row.id, link));
  const bound = [row.merged_into, row.parent_id, row.follow_up_of, ...seen.map(({ other }) => other)];
  const ids = bound.filter((id) => id !== null);
  const others = new Map(
    ids.length === 0
      ? []
      : (await onReadDb(() => db.selectFrom('tickets').select(columns).where('id', 'in', ids).execute())).map(
          (other) => [other.id, other],
        ),
  );
  const find = (id: string | null): Relative | null => (id === null ? null : (others.get(id) ?? null));
  return {
    mergedInto: find(row.merged_into),
    survivor: survivor && relative(survivor),
    absorbed: absorbed.map((it) => ({ ...relative(it), into: it.merged_into, requesterId: it.requester_id })),
    links: seen.flatMap(({ kind, other }) => {
      const ticket = find(other);
      return ticket ? [{ kind, ticket }] : [];
    }),
    parent: find(row.parent_id),
    children,
    followUpOf: find(row.follow_up_of),
    followUps,
  };
}
