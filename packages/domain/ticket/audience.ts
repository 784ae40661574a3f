import type { DeskEvent } from '#contracts/events/all.ts';

/** Events of a ticket that change nothing a customer may see, whatever they hold. */
const hidden: ReadonlySet<DeskEvent['type']> = new Set<DeskEvent['type']>([
  'TicketCommentEdited',
  'TicketTagsChanged',
  'TicketFollowersChanged',
  'TicketDueDateChanged',
  'TicketWorkLogged',
  'TicketWorkCorrected',
  'TicketWorkRemoved',
  'TicketArticleAttached',
  'TicketMacroApplied',
  'TicketCommandUndone',
  'TicketLinked',
  'TicketUnlinked',
  'TicketChildAdded',
  'TicketChildRemoved',
  'TicketParentChanged',
  'TicketParentDeclined',
  'TicketMarkedSpam',
  'TicketRestored',
  'TicketMergeDeclined',
]);

/** True for what happens on a ticket without its customer being able to see that anything did. */
export function isHiddenFromCustomers({ data, type }: Pick<DeskEvent, 'type' | 'data'>): boolean {
  if (hidden.has(type) || type.startsWith('TicketSla')) return true;
  // What the customer of a merged ticket writes is not for the customer of the one that goes on.
  if ('mergedTicket' in data) return true;
  return 'visibility' in data && data.visibility === 'internal';
}

/** Bookkeeping: what an answer that was written without knowing of it says would be no different. */
const indifferent: ReadonlySet<DeskEvent['type']> = new Set<DeskEvent['type']>([
  'TicketTagsChanged',
  'TicketFollowersChanged',
  'TicketWorkLogged',
  'TicketWorkCorrected',
  'TicketWorkRemoved',
  'TicketArticleAttached',
  'TicketLinked',
  'TicketUnlinked',
  'TicketChildAdded',
  'TicketChildRemoved',
  'TicketParentDeclined',
  'TicketMergeDeclined',
]);

/** True for what need not keep an agent from saying what they were about to say. */
export const isIndifferentToReply = ({ type }: Pick<DeskEvent, 'type'>): boolean =>
  indifferent.has(type) || type.startsWith('TicketSla');
