import { streams } from '#contracts/events/streams.ts';
import type { TicketRef } from '#contracts/events/ticket-relations.ts';
import { fold } from '#packages/domain/decider.ts';
import type { Bound } from '#packages/domain/ticket/relations-state.ts';
import type { Ticket } from '#packages/domain/ticket/state.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import type { EventStore, Position, StoredEvent } from '#packages/event-store/port.ts';
import { identityOf, readPeople } from '../directory/subjects.ts';

/** Which events had happened at the moment that is asked about. */
export type Happened = (event: { readonly position: Position; readonly metadata: { readonly at: string } }) => boolean;

export type FoundTicket = { readonly id: string; readonly state: Ticket; readonly events: readonly StoredEvent[] };

/** More tickets than this are not read for one question; what people bind together stays far below. */
const maxRead = 500;

/** A ticket from its stream, now or at a moment; null when there is none. */
export async function readTicket(
  store: Pick<EventStore, 'readStream'>,
  id: string,
  happened: Happened = () => true,
): Promise<FoundTicket | null> {
  const events = (await store.readStream(streams.ticket(id))).filter(happened);
  const state = fold(ticket, events);
  return state.exists ? { id, state, events } : null;
}

/**
 * Everything that hangs below a ticket, in breadth: `below` names what a ticket is bound to, `counts` whether the
 * other end holds to it. Each comes once, with its level from 1, however the tickets lead round.
 */
export async function walkDown(
  store: Pick<EventStore, 'readStream'>,
  from: FoundTicket,
  {
    below,
    counts,
    happened,
  }: {
    below: (state: Ticket) => readonly Bound[];
    counts: (bound: Bound, other: Ticket) => boolean;
    happened?: Happened | undefined;
  },
): Promise<readonly (FoundTicket & { readonly above: string; readonly level: number })[]> {
  const seen = new Set([from.id]);
  const found: (FoundTicket & { above: string; level: number })[] = [];
  let level = 1;
  for (let above: readonly FoundTicket[] = [from]; above.length > 0 && seen.size < maxRead; level += 1) {
    const next: FoundTicket[] = [];
    for (const one of above) {
      for (const bound of below(one.state)) {
        if (seen.has(bound.ticketId)) continue;
        const other = await readTicket(store, bound.ticketId, happened);
        if (!other || !counts(bound, other.state)) continue;
        seen.add(other.id);
        next.push(other);
        found.push({ ...other, above: one.id, level });
      }
    }
    above = next;
  }
  return found;
}

/** True for a merge that the ticket which went into another one holds to: offers do not count. */
export const isMergedBy = ({ id }: Bound, { setAside }: Ticket): boolean =>
  setAside?.kind === 'merged' && setAside.mergeId === id;
export const isChildBy = ({ id }: Bound, { relations }: Ticket): boolean => relations.parent?.id === id;

/** The tickets merged into one, directly or by way of another. */
export const absorbedOf = (store: Pick<EventStore, 'readStream'>, from: FoundTicket, happened?: Happened) =>
  walkDown(store, from, { below: ({ relations }) => relations.absorbed, counts: isMergedBy, happened });

/** The ticket among those merged into one whose requester somebody is; null for who asked on the one itself, and for others. */
export async function mergedTicketOf(
  store: Pick<EventStore, 'readStream'>,
  ticketId: string,
  personId: string,
): Promise<TicketRef | null> {
  const self = await readTicket(store, ticketId);
  if (self === null || self.state.relations.absorbed.length === 0) return null;
  // Who was merged asked under an id of their own.
  const ids = new Set((await identityOf(readPeople(store), personId)).map(({ id }) => id));
  if (ids.has(self.state.requesterId)) return null;
  const theirs = (await absorbedOf(store, self)).find(({ state }) => ids.has(state.requesterId));
  return theirs ? { ticketId: theirs.id, number: theirs.state.number } : null;
}

/** The ticket that goes on with a merged one, however often that was merged; the ticket itself when it was not. */
export async function survivorOf(
  store: Pick<EventStore, 'readStream'>,
  from: FoundTicket,
  happened?: Happened,
): Promise<FoundTicket> {
  let current = from;
  for (let step = 0; step < maxRead && current.state.setAside?.kind === 'merged'; step += 1) {
    const next = await readTicket(store, current.state.setAside.into, happened);
    if (!next) break;
    current = next;
  }
  return current;
}
