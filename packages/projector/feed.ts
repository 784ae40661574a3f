import type { Logger } from 'pino';
import type { EventType } from '#contracts/events/all.ts';
import type { EventStore, LogPage, Position } from '#packages/event-store/port.ts';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';

/** Without news a follower looks into the log itself this often. */
const pollMs = 5_000;
const pageSize = 500;

/** One subscription of the log that serves all projections which are near its end. */
export type LogFeed = {
  /** As EventStore.readAll, but answered from the newest page of the subscription where that page holds the answer. */
  read: EventStore['readAll'];
  /** Resolves when there may be events after the position, at the latest after a few seconds. */
  wait(after: Position, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
};

/** Follows the log from its end on. Keeps no more than the newest page: who is further behind reads the log. */
export function followLog(options: { store: EventStore; types: readonly EventType[]; log: Logger }): LogFeed {
  const { log, store, types } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const waiting = new Set<() => void>();
  let newest: { after: Position; page: LogPage } | undefined;

  const follow = async (): Promise<void> => {
    let after = newest?.page.scannedTo ?? (await store.head());
    for await (const page of store.subscribe(after, { types, limit: pageSize, signal })) {
      newest = { after, page };
      after = page.scannedTo;
      for (const wake of [...waiting]) wake();
    }
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await follow();
      } catch (error) {
        log.warn({ err: error }, 'feed of the projections broke off');
      }
      await sleep(backoffMs(failures, { minMs: 50, maxMs: 5_000 }), signal);
    }
  };
  const done = run();

  return {
    read: async (after, { types: wanted, limit = pageSize, ...rest } = {}) => {
      if (!newest || after < newest.after || after >= newest.page.scannedTo)
        return store.readAll(after, { ...rest, limit, ...(wanted && { types: wanted }) });
      const events = newest.page.events.filter(
        (event) => event.position > after && (wanted?.includes(event.type) ?? true),
      );
      const last = events[limit - 1];
      return last && events.length > limit
        ? { events: events.slice(0, limit), scannedTo: last.position, atEnd: false }
        : { events, scannedTo: newest.page.scannedTo, atEnd: true };
    },
    wait: (after, aborted) =>
      new Promise((resolve) => {
        if (aborted.aborted || signal.aborted || (newest && newest.page.scannedTo > after)) return resolve();
        const wake = () => {
          clearTimeout(timer);
          waiting.delete(wake);
          aborted.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, pollMs);
        waiting.add(wake);
        aborted.addEventListener('abort', wake, { once: true });
      }),
    stop: async () => {
      stopping.abort();
      await done;
      for (const wake of [...waiting]) wake();
    },
  };
}
