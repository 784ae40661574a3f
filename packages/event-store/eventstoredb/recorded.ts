import type { AllStreamResolvedEvent, ResolvedEvent } from '@eventstore/db-client';
import type { Metadata } from '#contracts/events/envelope.ts';
import type { Position, StoredEvent } from '../port.ts';

/** In the metadata of every event of an append: tells whose write an acknowledgement is about. Readers never see it. */
const appendIdKey = 'appendId';

export const marked = (metadata: Metadata, appendId: string) => ({ ...metadata, [appendIdKey]: appendId });

export type Resolved = ResolvedEvent | AllStreamResolvedEvent;

/**
 * An event that no desk wrote: one of the server's own, a link of one of its projections, or what another program put
 * there. It is no part of the log: a desk that stopped at it could never go on.
 */
export const isForeign = (resolved: Resolved): boolean =>
  !resolved.event || resolved.event.streamId.startsWith('$') || typeof appendIdOf(resolved) !== 'string';

/**
 * Every event commits itself since appends go to the log in one write (EventStoreDB 20 and newer), so that its commit
 * position is its own, also among the events of one append.
 */
export function positionOf({ event }: Resolved): Position {
  const position = event?.position?.commit;
  if (position === undefined) throw new Error(`event ${event?.id} came without a position`);
  return position;
}

export const appendIdOf = ({ event }: Resolved): unknown =>
  (event?.metadata as Record<string, unknown> | undefined)?.[appendIdKey];

/** The event as it was given to `append`. Revisions count from 0, versions from 1. */
export function toStoredEvent(resolved: Resolved): StoredEvent {
  const { event } = resolved;
  if (!event?.isJson || typeof event.metadata !== 'object')
    throw new Error(`event ${event?.id} of ${event?.streamId} was not written by a desk`);
  const { [appendIdKey]: _, ...metadata } = event.metadata as Record<string, unknown>;
  return {
    id: event.id,
    type: event.type,
    data: event.data,
    metadata,
    stream: event.streamId,
    version: Number(event.revision) + 1,
    position: positionOf(resolved),
    // What is in the log was checked when it was written; unknown types pass, as the port says.
  } as unknown as StoredEvent;
}
