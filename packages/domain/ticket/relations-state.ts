import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { LinkKind, TicketRef } from '#contracts/events/ticket-relations.ts';

/** Why nothing is done on a ticket until that is taken back. */
export type SetAside =
  | { readonly kind: 'merged'; readonly into: string; readonly number: number; readonly mergeId: string }
  | { readonly kind: 'spam' };

/** Another ticket and the id of the merge or change of parent by which it came. */
export type Bound = TicketRef & { readonly id: string };

export type RelationsState = {
  /** Tickets that were merged into this one or are on offer; whether one counts, only its own stream tells. */
  readonly absorbed: readonly Bound[];
  /** The same of children. */
  readonly children: readonly Bound[];
  readonly parent: Bound | null;
  readonly links: readonly (TicketRef & { readonly linkId: string; readonly kind: LinkKind })[];
  /** Ids of the offers made to this ticket, and of the messages moved in: nothing is taken twice. */
  readonly taken: readonly string[];
  /** Ids of the offers of this ticket to others that it has settled, either way. */
  readonly settled: readonly string[];
};

export const initialRelations: RelationsState = {
  absorbed: [],
  children: [],
  parent: null,
  links: [],
  taken: [],
  settled: [],
};

/** True unless the ticket at the other end has settled that an offer came to nothing, or has taken it back. */
export const isBound = (
  { id }: Bound,
  other: { readonly setAside: SetAside | null; readonly relations: RelationsState },
): boolean =>
  !other.relations.settled.includes(id) ||
  other.relations.parent?.id === id ||
  (other.setAside?.kind === 'merged' && other.setAside.mergeId === id);

/** Applies one event. Total: what is not about relations changes nothing. */
export function evolveRelations(state: RelationsState, { data, type }: TicketEvent): RelationsState {
  switch (type) {
    case 'TicketAbsorbed': {
      const { mergeId: id, number, ticketId } = data;
      return { ...state, absorbed: [...state.absorbed, { id, ticketId, number }], taken: [...state.taken, id] };
    }
    case 'TicketReleased':
      return { ...state, absorbed: state.absorbed.filter(({ id }) => id !== data.mergeId) };
    case 'TicketMerged':
    case 'TicketMergeDeclined':
      return { ...state, settled: [...state.settled, data.mergeId] };
    case 'TicketChildAdded': {
      const { changeId: id, number, ticketId } = data;
      return { ...state, children: [...state.children, { id, ticketId, number }], taken: [...state.taken, id] };
    }
    case 'TicketChildRemoved':
      return { ...state, children: state.children.filter(({ id }) => id !== data.changeId) };
    case 'TicketParentChanged': {
      const { changeId: id, parent } = data;
      return { ...state, parent: parent && { id, ...parent }, settled: [...state.settled, id] };
    }
    case 'TicketParentDeclined':
      return { ...state, settled: [...state.settled, data.changeId] };
    case 'TicketLinked':
      return { ...state, links: [...state.links, data] };
    case 'TicketUnlinked':
      return { ...state, links: state.links.filter(({ linkId }) => linkId !== data.linkId) };
    case 'TicketCommentMovedIn':
      return { ...state, taken: [...state.taken, data.moveId] };
    default:
      return state;
  }
}

/** Whether the ticket is set aside after an event. */
export function evolveSetAside(state: SetAside | null, { data, type }: TicketEvent): SetAside | null {
  switch (type) {
    case 'TicketMerged':
      return { kind: 'merged', ...data };
    case 'TicketMarkedSpam':
      return { kind: 'spam' };
    case 'TicketUnmerged':
    case 'TicketRestored':
      return null;
    default:
      return state;
  }
}

/** Ids of the messages on the ticket after an event. */
export function evolveMoves(commentIds: readonly string[], { data, type }: TicketEvent): readonly string[] {
  if (type === 'TicketCommentMovedIn') return [...commentIds, data.commentId];
  if (type === 'TicketCommentMovedOut') return commentIds.filter((id) => id !== data.commentId);
  return commentIds;
}
