import type { Ticket } from '#contracts/api/tickets.ts';
import { readTicket } from '#packages/commands/relations/related-tickets.ts';
import type { Principal } from '#packages/http/auth.ts';
import { decodeCursor } from '#packages/http/cursor.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { TicketRow, TimelineRow } from '#packages/read-db/tables.ts';
import type { QueryApiDeps } from './deps.ts';
import { familyAsOf } from './family-as-of.ts';
import { type Family, readFamily } from './reads/family.ts';
import { loadNames } from './reads/names.ts';
import { KeyPosition, nextLink, type Page, pageOf } from './reads/paging.ts';
import { findTicket } from './reads/tickets.ts';
import { readTimeline, sliceTimeline } from './reads/timeline.ts';
import { momentOf, type TicketMoment, until } from './time-travel.ts';
import { scopesOf } from './timeline-scope.ts';
import { attributeDetailsOf } from './views/attributes.ts';
import { readerOf } from './views/reader.ts';
import { ticketRelations } from './views/relations.ts';
import { idsOf, ticketSummary } from './views/ticket.ts';
import { namedBy, outside, type ShownRow, shownRow, timelineEntry } from './views/timeline.ts';

/** A ticket that the principal may see: as it is, or as it was at a moment. */
export type FoundTicket = {
  readonly row: TicketRow;
  readonly family: Family;
  /** The past that was asked for, with the course of the tickets that were merged into it then. */
  readonly moment: TicketMoment | null;
};

/**
 * Finds a ticket by id or number. Throws TICKET_NOT_FOUND when there is none, none that the principal may see, or none yet
 * at `asOf`; INVALID_REQUEST for an `asOf` that is neither instant nor position.
 */
export async function openTicket(
  deps: QueryApiDeps,
  idOrNumber: string,
  principal: Principal,
  asOf?: string,
): Promise<FoundTicket> {
  const row = await findTicket(deps.db, idOrNumber, principal);
  if (row === null) throw new AppError('TICKET_NOT_FOUND');
  if (asOf === undefined) return { row, family: await readFamily(deps.db, row), moment: null };
  const then = await familyAsOf(deps, row.id, until(asOf));
  const moment = then && momentOf(then.own);
  if (then === null || moment === null)
    throw new AppError('TICKET_NOT_FOUND', { detail: 'The ticket did not exist yet at that moment.' });
  const timeline = [moment, ...then.others.map(momentOf)].flatMap((each) => each?.timeline ?? []);
  const shown = principal.role === 'customer' ? await stillThere(deps, timeline) : timeline;
  return { row: moment.row, family: then.family, moment: { ...moment, timeline: shown } };
}

/** Without messages that have been moved away since: they were somebody else's, and are so in the past as well. */
async function stillThere({ store }: QueryApiDeps, rows: readonly TimelineRow[]): Promise<readonly TimelineRow[]> {
  const ids = [...new Set(rows.map(({ ticket_id }) => ticket_id))];
  const tickets = await Promise.all(ids.map((id) => readTicket(store, id)));
  const here = new Map(tickets.flatMap((each) => (each ? [[each.id, new Set(each.state.commentIds)] as const] : [])));
  return rows.filter(({ comment_id, ticket_id }) => comment_id === null || here.get(ticket_id)?.has(comment_id));
}

export type TimelineRequest = { readonly limit?: number; readonly cursor?: string; readonly asOf?: string };

/** One page of the course of a ticket, and the cursor of the next page. */
export async function timelinePage(
  { db }: QueryApiDeps,
  found: FoundTicket,
  { limit = 50, cursor, asOf }: TimelineRequest,
  principal: Principal,
): Promise<Page<ShownRow>> {
  const { moment, row } = found;
  const publicOnly = principal.role === 'customer';
  const scope = { list: 'timeline', ticket: row.id, asOf: asOf ?? null, publicOnly };
  const after = cursor === undefined ? 0n : BigInt(decodeCursor(scope, cursor, KeyPosition));
  const scopes = scopesOf(found, principal);
  const slice = { scopes, after, limit, publicOnly };
  const rows = moment ? sliceTimeline(moment.timeline, slice) : await readTimeline(db, slice);
  const page = pageOf(rows, { limit, scope, keysOf: ({ position }) => String(position) });
  return { ...page, rows: page.rows.map((each) => shownRow(publicOnly ? outside(each) : each, row.id, scopes)) };
}

/** The whole resource: the ticket with the first page of its course. */
export async function ticketResource(
  deps: QueryApiDeps,
  found: FoundTicket,
  asOf: string | undefined,
  principal: Principal,
): Promise<Ticket> {
  const { row, moment } = found;
  const page = await timelinePage(deps, found, asOf === undefined ? {} : { asOf }, principal);
  const ids = idsOf([row]);
  const { groups, people } = namedBy(page.rows);
  const names = await loadNames(deps.db, {
    ...ids,
    people: [...ids.people, ...row.followers, ...people],
    groups: [...ids.groups, ...groups],
  });
  const forCustomer = principal.role === 'customer';
  const timeline = `/v1/tickets/${row.id}/timeline`;
  const next = nextLink(asOf === undefined ? timeline : `${timeline}?asOf=${encodeURIComponent(asOf)}`, page.cursor);
  const reader = readerOf(deps, principal, { past: moment !== null });
  return {
    ...ticketSummary(row, names, reader),
    ...attributeDetailsOf(row, { names, settings: deps.settings.current(), forCustomer }),
    mailboxId: row.mailbox_id,
    followUpOf: row.follow_up_of,
    relations: ticketRelations(found.family, principal.role === 'customer'),
    asOf: moment && { at: moment.last.metadata.at, position: String(moment.last.position) },
    timeline: { items: page.rows.map((entry) => timelineEntry(entry, names, reader)), next },
  };
}
