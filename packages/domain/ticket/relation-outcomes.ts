import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { RelationCommand } from './relations-commands.ts';

/** The events that each command about relations may lead to. */
export const relationOutcomes: { readonly [C in RelationCommand['type']]: readonly TicketEvent['type'][] } = {
  PrepareMerge: [],
  OfferMerge: ['TicketAbsorbed'],
  SettleMerge: ['TicketMerged', 'TicketMergeDeclined'],
  ReleaseMerge: ['TicketReleased'],
  Unmerge: ['TicketUnmerged'],
  MarkSpam: ['TicketMarkedSpam'],
  RestoreTicket: ['TicketRestored'],
  LinkTicket: ['TicketLinked'],
  UnlinkTicket: ['TicketUnlinked'],
  PrepareParent: [],
  OfferChild: ['TicketChildAdded'],
  SettleParent: ['TicketParentChanged', 'TicketParentDeclined'],
  ReleaseChild: ['TicketChildRemoved'],
  MoveCommentOut: ['TicketCommentMovedOut'],
  PrepareMoveIn: [],
  MoveCommentIn: ['TicketCommentMovedIn'],
};
