import { type Kysely, sql } from 'kysely';
import { Type } from 'typebox';
import type { InboxQuery, OutboxQuery } from '#contracts/api/mail.ts';
import { Uuid } from '#contracts/primitives.ts';
import { decodeCursor } from '#packages/http/cursor.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { InboundMailRow, OutboundMailRow, ReadDatabase } from '#packages/read-db/tables.ts';
import { readableMail } from '../redactions.ts';
import { after, KeyInstant, type Page, pageOf } from './paging.ts';

const Keys = Type.Tuple([KeyInstant, Uuid]);

/** One page of what went out or is to go out, newest first. */
export async function listOutbound(
  db: Kysely<ReadDatabase>,
  { state, ticket, limit = 50, cursor }: OutboxQuery,
): Promise<Page<OutboundMailRow>> {
  const scope = { list: 'outbox', state: state ?? null, ticket: ticket ?? null };
  let query = db
    .selectFrom('outbound_mail')
    .selectAll()
    .orderBy('queued_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (state !== undefined) query = query.where('state', '=', state);
  if (ticket !== undefined) query = query.where('ticket_id', '=', ticket);
  if (cursor !== undefined) {
    const columns = [sql.ref('queued_at'), sql.ref('id')];
    query = query.where(after('desc', columns, decodeCursor(scope, cursor, Keys)));
  }
  const rows = await onReadDb(() => query.execute());
  return pageOf(rows, { limit, scope, keysOf: (row) => [row.queued_at.toISOString(), row.id] });
}

/** One mail of the desk, without what was taken out of the message it is of. */
export async function findOutbound(db: Kysely<ReadDatabase>, id: string): Promise<OutboundMailRow | undefined> {
  const row = await onReadDb(() => db.selectFrom('outbound_mail').selectAll().where('id', '=', id).executeTakeFirst());
  return row && readableMail(db, row);
}

/** One page of what came in and what was decided about it, newest first. */
export async function listInbound(
  db: Kysely<ReadDatabase>,
  { outcome, limit = 50, cursor }: InboxQuery,
): Promise<Page<InboundMailRow>> {
  const scope = { list: 'inbox', outcome: outcome ?? null };
  let query = db
    .selectFrom('inbound_mail')
    .selectAll()
    .orderBy('received_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (outcome === 'undecided') query = query.where('outcome', 'is', null);
  else if (outcome !== undefined) query = query.where('outcome', '=', outcome);
  if (cursor !== undefined) {
    const columns = [sql.ref('received_at'), sql.ref('id')];
    query = query.where(after('desc', columns, decodeCursor(scope, cursor, Keys)));
  }
  const rows = await onReadDb(() => query.execute());
  return pageOf(rows, { limit, scope, keysOf: (row) => [row.received_at.toISOString(), row.id] });
}

export const findInbound = (db: Kysely<ReadDatabase>, id: string): Promise<InboundMailRow | undefined> =>
  onReadDb(() => db.selectFrom('inbound_mail').selectAll().where('id', '=', id).executeTakeFirst());
