import type { TicketRelations } from '#contracts/api/ticket-relations.ts';
import { isDone } from '#packages/domain/ticket/status.ts';
import type { Family } from '../reads/family.ts';

/** The relations of a ticket as its resource tells them. The subject of another ticket is not the customer's to know. */
export function ticketRelations(family: Family, forCustomer: boolean): TicketRelations {
  const { absorbed, children, followUpOf, followUps, links, mergedInto, parent, survivor } = family;
  if (forCustomer) {
    const untold = { subject: null, status: null };
    const went = survivor && { ...survivor, ...untold };
    return { ...none, mergedInto: mergedInto && { ...mergedInto, ...untold }, survivor: went };
  }
  const open = children.filter(({ status }) => !isDone(status)).length;
  return {
    mergedInto,
    survivor,
    absorbed: absorbed.map(({ into, requesterId: _, ...ticket }) => ({ ticket, into })),
    links: [...links],
    parent,
    children: { open, done: children.length - open, items: [...children] },
    followUpOf,
    followUps: [...followUps],
  };
}

const none: TicketRelations = {
  mergedInto: null,
  survivor: null,
  absorbed: [],
  links: [],
  parent: null,
  children: { open: 0, done: 0, items: [] },
  followUpOf: null,
  followUps: [],
};
