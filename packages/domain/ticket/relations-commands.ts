import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { LinkKind, TicketRef } from '#contracts/events/ticket-relations.ts';

type DataOf<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>['data'];

/** Asks whether the ticket may be merged into another; decides nothing else, so that a refusal leaves no trace. */
export type PrepareMerge = {
  readonly type: 'PrepareMerge';
  readonly data: { readonly mergeId: string; readonly into: TicketRef };
};
/** To the survivor: take the other ticket. */
export type OfferMerge = { readonly type: 'OfferMerge'; readonly data: DataOf<'TicketAbsorbed'> };
/** To the ticket that is to be set aside: whether the merge comes about. The first answer counts. */
export type SettleMerge = {
  readonly type: 'SettleMerge';
  readonly data: Omit<DataOf<'TicketMergeDeclined'>, 'reason'> & {
    readonly refusal: DataOf<'TicketMergeDeclined'>['reason'] | null;
  };
};
export type ReleaseMerge = {
  readonly type: 'ReleaseMerge';
  readonly data: Pick<DataOf<'TicketReleased'>, 'mergeId' | 'reason'>;
};
export type Unmerge = { readonly type: 'Unmerge'; readonly data: Record<never, never> };

export type MarkSpam = { readonly type: 'MarkSpam'; readonly data: DataOf<'TicketMarkedSpam'> };
export type RestoreTicket = { readonly type: 'RestoreTicket'; readonly data: DataOf<'TicketRestored'> };

export type LinkTicket = { readonly type: 'LinkTicket'; readonly data: DataOf<'TicketLinked'> };
export type UnlinkTicket = {
  readonly type: 'UnlinkTicket';
  readonly data: { readonly kind: LinkKind; readonly ticketId: string };
};

export type PrepareParent = {
  readonly type: 'PrepareParent';
  readonly data: { readonly parent: TicketRef | null };
};
export type OfferChild = { readonly type: 'OfferChild'; readonly data: DataOf<'TicketChildAdded'> };
export type SettleParent = {
  readonly type: 'SettleParent';
  readonly data: {
    readonly changeId: string;
    readonly parent: TicketRef | null;
    readonly refusal: DataOf<'TicketParentDeclined'>['reason'] | null;
  };
};
export type ReleaseChild = {
  readonly type: 'ReleaseChild';
  readonly data: Pick<DataOf<'TicketChildRemoved'>, 'changeId' | 'reason'>;
};

export type MoveCommentOut = { readonly type: 'MoveCommentOut'; readonly data: DataOf<'TicketCommentMovedOut'> };
/** Asks whether the ticket would take a message of another one. */
export type PrepareMoveIn = { readonly type: 'PrepareMoveIn'; readonly data: Record<never, never> };
export type MoveCommentIn = { readonly type: 'MoveCommentIn'; readonly data: DataOf<'TicketCommentMovedIn'> };

export type MergeCommand = PrepareMerge | OfferMerge | SettleMerge | ReleaseMerge | Unmerge;
export type SetAsideCommand = MarkSpam | RestoreTicket;
export type LinkCommand = LinkTicket | UnlinkTicket;
export type ParentCommand = PrepareParent | OfferChild | SettleParent | ReleaseChild;
export type MoveCommand = MoveCommentOut | PrepareMoveIn | MoveCommentIn;
export type RelationCommand = MergeCommand | SetAsideCommand | LinkCommand | ParentCommand | MoveCommand;
