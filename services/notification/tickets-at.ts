import { idOf } from '#contracts/events/streams.ts';
import { absorbedOf, type FoundTicket, readTicket } from '#packages/commands/relations/related-tickets.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';

/**
 * The ticket of an event, and behind it those that were merged into it, as they were when it happened, so that asking again
 * gives the same. Empty when the event is no ticket's.
 */
export async function ticketsAt(
  store: Pick<EventStore, 'readStream'>,
  event: StoredEvent,
): Promise<readonly FoundTicket[]> {
  const happened = ({ position }: { position: bigint }) => position <= event.position;
  const self = await readTicket(store, idOf(event.stream), happened);
  return self ? [self, ...(await absorbedOf(store, self, happened))] : [];
}
