import type { TicketEvent } from '#contracts/events/ticket.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Handlers } from './handlers.ts';
import type { MergeCommand } from './relations-commands.ts';
import { setAsideRefusal } from './set-aside.ts';
import { refuseClosed } from './status.ts';

/** Tickets that one may hold: each is read when the survivor is. */
export const maxAbsorbed = 50;

/** Throws RELATION_TO_ITSELF when both numbers are one. */
export function refuseItself(number: number, other: number, pointer: string): void {
  if (number !== other) return;
  throw new AppError('RELATION_TO_ITSELF', { fields: [{ pointer, detail: 'is the ticket itself' }] });
}

/** Throws RELATION_LIMIT when there are `max` already. */
export function refuseMore(present: readonly unknown[], max: number, what: string): void {
  if (present.length < max) return;
  throw new AppError('RELATION_LIMIT', { detail: `A ticket has at most ${max} ${what}.`, extra: { max } });
}

/**
 * Merging one ticket into another, and back, seen from either of them. Refuses with TICKET_MERGED, TICKET_IS_SPAM,
 * TICKET_CLOSED (the survivor), RELATION_TO_ITSELF, RELATION_LIMIT and NOT_MERGED.
 */
export const merging: Handlers<MergeCommand> = {
  PrepareMerge({ data }, { number, relations, setAside }) {
    if (relations.settled.includes(data.mergeId)) return [];
    if (setAside) throw setAsideRefusal(number, setAside);
    refuseItself(number, data.into.number, '/into');
    return [];
  },
  OfferMerge({ data }, ticket) {
    if (ticket.relations.taken.includes(data.mergeId)) return [];
    refuseItself(ticket.number, data.number, '/into');
    refuseClosed(ticket);
    refuseMore(ticket.relations.absorbed, maxAbsorbed, 'tickets merged into it');
    return [{ type: 'TicketAbsorbed', data }];
  },
  SettleMerge({ data: { refusal, ...data } }, { relations, setAside }): TicketEvent[] {
    if (relations.settled.includes(data.mergeId)) return [];
    const reason = setAside ? 'set-aside' : refusal;
    return reason === null
      ? [{ type: 'TicketMerged', data }]
      : [{ type: 'TicketMergeDeclined', data: { ...data, reason } }];
  },
  ReleaseMerge({ data: { mergeId, reason } }, { relations }) {
    const held = relations.absorbed.find(({ id }) => id === mergeId);
    if (!held) return [];
    const { number, ticketId } = held;
    return [{ type: 'TicketReleased', data: { mergeId, ticketId, number, reason } }];
  },
  Unmerge(_command, { number, setAside }) {
    if (setAside?.kind !== 'merged')
      throw new AppError('NOT_MERGED', { detail: `Ticket ${number} is not merged into another one.` });
    const { into, mergeId } = setAside;
    return [{ type: 'TicketUnmerged', data: { mergeId, into, number: setAside.number } }];
  },
};
