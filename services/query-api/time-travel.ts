import type { Happened } from '#packages/commands/relations/related-tickets.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { readPosition } from '#packages/http/desk-position.ts';
import { readInstant } from '#packages/http/moments.ts';
import { foldAlone } from '#packages/projector/rows.ts';
import type { TicketRow, TimelineRow } from '#packages/read-db/tables.ts';
import { ticketList } from '#projections/tickets.ts';
import { timeline } from '#projections/timeline.ts';

/** A ticket as some of its events leave it, in the very rows that the read models hold of today's tickets. */
export type TicketMoment = {
  readonly row: TicketRow;
  readonly timeline: readonly TimelineRow[];
  /** The newest of those events. */
  readonly last: StoredEvent;
};

/** The ticket after these events of its stream, from the first on. Null when there are none. */
export function momentOf(events: readonly StoredEvent[]): TicketMoment | null {
  const last = events.at(-1);
  const [row] = foldAlone(ticketList, events).tickets;
  return last && row ? { row, timeline: foldAlone(timeline, events).timeline, last } : null;
}

/** What `asOf` means: whether an event had happened by then. Throws INVALID_REQUEST for what is neither. */
export function until(asOf: string): Happened {
  if (/^[0-9]+$/.test(asOf)) {
    const position = readPosition(asOf, 'asOf');
    return (event) => event.position <= position;
  }
  const instant = readInstant(asOf, 'asOf');
  return ({ metadata }) => Temporal.Instant.compare(Temporal.Instant.from(metadata.at), instant) <= 0;
}
