import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Handlers } from './handlers.ts';
import { refuseItself, refuseMore } from './merging.ts';
import type { ParentCommand } from './relations-commands.ts';
import { refuseClosed } from './status.ts';

/** Children of one ticket; each is read for the progress of all. */
export const maxChildren = 100;
/** Levels of tickets below each other, the topmost included. */
export const maxLevels = 5;

/** Parent and child, seen from either. Refuses with RELATION_TO_ITSELF, RELATION_LIMIT and TICKET_CLOSED (the parent). */
export const parents: Handlers<ParentCommand> = {
  PrepareParent({ data: { parent } }, { number }) {
    if (parent) refuseItself(number, parent.number, '/parent');
    return [];
  },
  OfferChild({ data }, ticket) {
    if (ticket.relations.taken.includes(data.changeId)) return [];
    refuseItself(ticket.number, data.number, '/parent');
    refuseClosed(ticket);
    refuseMore(ticket.relations.children, maxChildren, 'children');
    return [{ type: 'TicketChildAdded', data }];
  },
  SettleParent({ data: { changeId, parent, refusal } }, { relations, setAside }): TicketEvent[] {
    if (relations.settled.includes(changeId)) return [];
    const reason = setAside ? 'set-aside' : refusal;
    if (parent !== null && reason !== null)
      return [{ type: 'TicketParentDeclined', data: { changeId, parent, reason } }];
    if (parent === null && relations.parent === null) return [];
    const before = relations.parent;
    const previous = before && { changeId: before.id, ticketId: before.ticketId, number: before.number };
    return [{ type: 'TicketParentChanged', data: { changeId, parent, previous } }];
  },
  ReleaseChild({ data: { changeId, reason } }, { relations }) {
    const child = relations.children.find(({ id }) => id === changeId);
    if (!child) return [];
    const { number, ticketId } = child;
    return [{ type: 'TicketChildRemoved', data: { changeId, ticketId, number, reason } }];
  },
};
