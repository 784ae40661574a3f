import type { EventType } from '#contracts/events/all.ts';
import type { StoredOf } from '#packages/projector/projection.ts';
import type { SetAsideKind } from '#packages/read-db/tables-relations.ts';

/** Events that set a ticket aside or take it back. */
export const setAsideTypes = [
  'TicketMerged',
  'TicketUnmerged',
  'TicketMarkedSpam',
  'TicketRestored',
] as const satisfies readonly EventType[];

export type SetAsideEvent = StoredOf<(typeof setAsideTypes)[number]>;

export const isSetAsideEvent = (event: { readonly type: EventType }): event is SetAsideEvent =>
  setAsideTypes.some((type) => type === event.type);

/** How the ticket is set aside after such an event; null: no more. */
export function setAsideBy({ type }: SetAsideEvent): SetAsideKind | null {
  if (type === 'TicketMerged') return 'merged';
  return type === 'TicketMarkedSpam' ? 'spam' : null;
}
