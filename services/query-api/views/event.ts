import type { FeedEvent, HistoryEntry } from '#contracts/api/history.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { Names } from '../reads/names.ts';

/** Data of an event as it may be told: the hash of a token is of use to nobody but the desk. */
function tellableData(event: StoredEvent): Record<string, unknown> {
  if (event.type !== 'ApiTokenIssued') return event.data;
  const { hash: _hash, ...data } = event.data;
  return data;
}

const common = (event: StoredEvent) => ({
  id: event.id,
  position: String(event.position),
  stream: event.stream,
  version: event.version,
  type: event.type,
  at: event.metadata.at,
  source: event.metadata.source,
  correlationId: event.metadata.correlationId,
  causationId: event.metadata.causationId,
  commandId: event.metadata.commandId,
  data: tellableData(event),
});

/** Ids of the people who caused these events, for their names. */
export const personActors = (events: readonly StoredEvent[]) =>
  events.map(({ metadata: { actor } }) => (actor.kind === 'person' ? actor.id : null));

/** An event for people: with the name of who did it. */
export const historyEntry = (event: StoredEvent, names: Names): HistoryEntry => ({
  ...common(event),
  actor: names.actor(event.metadata.actor.kind, event.metadata.actor.id),
});

/** An event for programs. Members are named one by one, so that what is added to the log one day does not leave by itself. */
export const feedEvent = (event: StoredEvent): FeedEvent => ({
  ...common(event),
  schema: event.metadata.schema,
  actor: { kind: event.metadata.actor.kind, id: event.metadata.actor.id },
});
