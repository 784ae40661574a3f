import type { EventStore } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';

/** Longer than any projection lags in good times; after that the event is better delivered again later. */
const timeoutMs = 10_000;

/**
 * Waits until the named read models show everything that is in the log at the moment of the call, what the caller
 * itself appended included. For decisions that must not be made on yesterday's picture.
 * Rejects with READ_MODEL_UNAVAILABLE when they do not get there in time, or before the signal aborts.
 */
export async function catchUp(
  { store, watch }: { store: Pick<EventStore, 'head'>; watch: Pick<ProjectionWatch, 'waitFor'> },
  names: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const head = await store.head();
  if (await watch.waitFor(head, timeoutMs, names, signal)) return;
  throw new AppError('READ_MODEL_UNAVAILABLE', { detail: `The read models ${names.join(', ')} lag behind the log.` });
}
