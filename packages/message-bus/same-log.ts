import type { EventStore, Position } from '#packages/event-store/port.ts';

/**
 * The log is not the one that was followed before: another server, or an older state of it that was restored. To go on
 * would leave out events of this log in silence, so nothing is served until an operator decides.
 */
export class OtherLogError extends Error {
  override readonly name = 'OtherLogError';
}

/** Throws OtherLogError when `who` has been further than the log reaches. Rejects with STORE_UNAVAILABLE. */
export async function refuseShorterLog(
  store: Pick<EventStore, 'head'>,
  position: Position,
  who: string,
): Promise<void> {
  const head = await store.head();
  if (head < position)
    throw new OtherLogError(
      `another log: ${who} has been at position ${position}, and the log ends at ${head}; nothing is served until the log and the place in desk.followers fit together`,
    );
}

/** Throws OtherLogError when the log does not hold that event in that place. Rejects with STORE_UNAVAILABLE. */
export async function refuseForeignEvent(
  store: Pick<EventStore, 'readStream'>,
  event: { readonly id: string; readonly stream: string; readonly version: number; readonly position: Position },
  where: string,
): Promise<void> {
  const { id, position, stream, version } = event;
  const [found] = await store.readStream(stream, { fromVersion: version, toVersion: version });
  if (found?.id === id && found.position === position) return;
  throw new OtherLogError(
    `another log: ${where} ends with event ${id} of position ${position}, which the log does not have there; nothing is served until they fit together`,
  );
}
