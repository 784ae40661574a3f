import { AppError } from '#packages/kernel/errors.ts';

/** What may wait while the server is away: beyond it callers are told so instead of eating the memory. */
const maxPending = 10_000;
const maxPendingBytes = 64 * 1024 * 1024;

/**
 * Runs work one after the other per stream and side by side otherwise: calls of one connection may overtake each other
 * on their way to the server. Rejects with `STORE_UNAVAILABLE` when too much waits and after `close`.
 */
export function createLanes() {
  const lanes = new Map<string, Promise<unknown>>();
  let pending = 0;
  let pendingBytes = 0;
  let closing = false;

  return {
    push<T>(stream: string, bytes: number, work: () => Promise<T>): Promise<T> {
      const full = pending >= maxPending || pendingBytes + bytes > maxPendingBytes;
      const detail = full ? { detail: 'Too many changes are waiting for the event log just now.' } : {};
      if (closing || full) return Promise.reject(new AppError('STORE_UNAVAILABLE', detail));
      pending += 1;
      pendingBytes += bytes;
      const turn = (lanes.get(stream) ?? Promise.resolve()).then(work);
      const done = turn
        .catch(() => undefined) // The caller has the error; the next in the lane only waits for the end.
        .then(() => {
          pending -= 1;
          pendingBytes -= bytes;
          if (lanes.get(stream) === done) lanes.delete(stream);
        });
      lanes.set(stream, done);
      return turn;
    },
    async close(): Promise<void> {
      closing = true;
      await Promise.all(lanes.values());
    },
  };
}
