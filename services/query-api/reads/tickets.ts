import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { Type } from 'typebox';
import type { TicketQuery } from '#contracts/api/tickets.ts';
import { statuses, Uuid } from '#contracts/primitives.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import { idsOf, type Principal } from '#packages/http/auth.ts';
import { decodeCursor } from '#packages/http/cursor.ts';
import { idsOfOne, type Merged } from '#packages/read-db/identities.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase, TicketRow } from '#packages/read-db/tables.ts';
import { attributeConditions } from './attribute-filters.ts';
import { after, containing, KeyInstant, KeyInteger, type Page, pageOf } from './paging.ts';

type Query = SelectQueryBuilder<ReadDatabase, 'tickets', TicketRow>;

const urgency = sql<number>`array_position(array['urgent','high','normal','low'], tickets.priority)`;
const createdAt = sql.ref('tickets.created_at');
const updatedAt = sql.ref('tickets.updated_at');
const dueAt = sql.ref('tickets.due_at');
const pendingSince = sql.ref('tickets.pending_since');
const id = sql.ref('tickets.id');

/** How the list is ordered, and the keys of a row in that order. Every order ends with the id, so that none is a tie. */
const sorts = {
  updated: { direction: 'desc', columns: [updatedAt, id], openOnly: false, Keys: Type.Tuple([KeyInstant, Uuid]) },
  created: { direction: 'desc', columns: [createdAt, id], openOnly: false, Keys: Type.Tuple([KeyInstant, Uuid]) },
  due: { direction: 'asc', columns: [dueAt, id], openOnly: true, Keys: Type.Tuple([KeyInstant, Uuid]) },
  silence: { direction: 'asc', columns: [pendingSince, id], openOnly: true, Keys: Type.Tuple([KeyInstant, Uuid]) },
  priority: {
    direction: 'asc',
    columns: [urgency, createdAt, id],
    openOnly: true,
    Keys: Type.Tuple([KeyInteger, KeyInstant, Uuid]),
  },
} as const;
type Sort = keyof typeof sorts;

const urgencies = ['urgent', 'high', 'normal', 'low'];
function keysOf(sort: Sort, row: TicketRow): readonly unknown[] {
  switch (sort) {
    case 'updated':
      return [row.updated_at.toISOString(), row.id];
    case 'created':
      return [row.created_at.toISOString(), row.id];
    case 'due':
      return [(row.due_at ?? row.created_at).toISOString(), row.id];
    case 'silence':
      return [(row.pending_since ?? row.created_at).toISOString(), row.id];
    case 'priority':
      return [urgencies.indexOf(row.priority) + 1, row.created_at.toISOString(), row.id];
    default:
      return sort satisfies never;
  }
}

/** Ids that the people and companies of a filter go by; null: it names none. */
type Meant = Readonly<Record<'requester' | 'company' | 'follower', readonly string[] | null>>;

async function meantBy(db: Kysely<ReadDatabase>, { company, follower, requester }: TicketQuery): Promise<Meant> {
  const allOf = async (table: Merged, id: string | undefined) => (id === undefined ? null : idsOfOne(db, table, id));
  return {
    requester: await allOf('people', requester),
    company: await allOf('companies', company),
    follower: await allOf('people', follower),
  };
}

/** Filters of a list query. A customer's list holds what they may read, whatever they ask for. */
function filtered(query: Query, filter: TicketQuery, meant: Meant, principal: Principal): Query {
  let result = query;
  if (principal.role === 'customer') result = result.where(readableBy(principal));
  else if (filter.setAside) result = result.where('set_aside', '=', filter.setAside);
  else result = result.where('set_aside', 'is', null);
  if (filter.mentioned === 'me') result = result.where(mentions(principal));
  if (filter.open !== undefined) result = result.where('open', '=', filter.open);
  if (filter.status) result = withStatus(result, filter.status);
  if (filter.priority) result = result.where('priority', 'in', filter.priority);
  if (filter.channel) result = result.where('channel', '=', filter.channel);
  if (meant.requester) result = result.where('requester_id', 'in', meant.requester);
  if (meant.company) result = result.where('company_id', 'in', meant.company);
  if (meant.follower)
    result = result.where(sql<boolean>`followers <> '{}' and followers && ${[...meant.follower]}::uuid[]`);
  if (filter.breached !== undefined) result = result.where('breached', '=', filter.breached);
  if (filter.group === 'none') result = result.where('group_id', 'is', null);
  else if (filter.group) result = result.where('group_id', '=', filter.group);
  if (filter.agent === 'none') result = result.where('agent_id', 'is', null);
  else if (filter.agent)
    result = result.where('agent_id', '=', filter.agent === 'me' ? principal.personId : filter.agent);
  return filter.q === undefined ? result : matching(result, filter.q);
}

const mentionsPerson = (principal: Principal): RawBuilder<boolean> =>
  sql<boolean>`tickets.id = any(array(select m.ticket_id from read.comment_mentions m where m.people && ${idsOf(principal)}::uuid[]))`;

/** A customer's own tickets, and those that they were called upon to read. */
const readableBy = (principal: Principal): RawBuilder<boolean> =>
  sql<boolean>`(tickets.requester_id = any(${idsOf(principal)}::uuid[]) or ${mentionsPerson(principal)})`;

const mentions = (principal: Principal): RawBuilder<boolean> =>
  sql<boolean>`(${mentionsPerson(principal)} or tickets.id in (
    select m.ticket_id from read.comment_mentions m where m.groups &&
      (select coalesce(array_agg(g.group_id), '{}') from read.group_members g where g.person_id = ${principal.personId})))`;
/** Categories and custom statuses are told apart by their names: no custom status is called as a category is. */
function withStatus(query: Query, names: readonly string[]): Query {
  const categories = statuses.filter((status) => names.includes(status));
  const custom = names.filter((name) => !categories.some((category) => category === name));
  return query.where(({ eb, or }) =>
    or([
      ...(categories.length > 0 ? [eb('status', 'in', categories)] : []),
      ...(custom.length > 0 ? [eb('status_id', 'in', custom)] : []),
    ]),
  );
}

const matching = (query: Query, text: string): Query =>
  query.where(({ eb, or }) => {
    const subject = eb('subject', 'ilike', containing(text));
    return /^[1-9][0-9]{0,8}$/.test(text) ? or([eb('number', '=', Number(text)), subject]) : subject;
  });

/**
 * One page of tickets and the cursor of the next. Throws INVALID_CURSOR, READ_MODEL_UNAVAILABLE, TIMEOUT, and as its filters
 * do.
 * @param also what makes it another list, whose cursors have its name
 */
export async function listTickets(
  db: Kysely<ReadDatabase>,
  { cursor, limit = 50, sort = 'updated', ...filter }: TicketQuery,
  principal: Principal,
  settings: SettingsLookup,
  also: { readonly name: string; readonly condition: RawBuilder<boolean> } | null = null,
): Promise<Page<TicketRow>> {
  const { direction, columns, openOnly, Keys } = sorts[sort];
  const owner =
    principal.role === 'customer' || filter.agent === 'me' || filter.mentioned === 'me' ? principal.personId : null;
  const scope = { list: also?.name ?? 'tickets', sort, owner, ...filter };

  let query = filtered(db.selectFrom('tickets').selectAll(), filter, await meantBy(db, filter), principal);
  for (const condition of attributeConditions({ ...filter, sort }, principal, settings)) query = query.where(condition);
  if (also) query = query.where(also.condition);
  if (openOnly) query = query.where('open', '=', true);
  if (sort === 'silence') query = query.where('pending_since', 'is not', null);
  if (sort === 'due') query = query.where('due_at', 'is not', null);
  if (cursor !== undefined) query = query.where(after(direction, columns, decodeCursor(scope, cursor, Keys)));
  for (const column of columns) query = query.orderBy(column, direction);

  const rows = await onReadDb(() => query.limit(limit + 1).execute());
  return pageOf(rows, { limit, scope, keysOf: (row) => keysOf(sort, row) });
}

/** A ticket by id or number if the principal may see it, else null. */
export async function findTicket(
  db: Kysely<ReadDatabase>,
  idOrNumber: string,
  principal: Principal,
): Promise<TicketRow | null> {
  const query = db.selectFrom('tickets').selectAll();
  const byNumber = /^[0-9]+$/.test(idOrNumber);
  const found = byNumber ? query.where('number', '=', Number(idOrNumber)) : query.where('id', '=', idOrNumber);
  const seen = principal.role === 'customer' ? found.where(readableBy(principal)) : found;
  return (await onReadDb(() => seen.executeTakeFirst())) ?? null;
}
