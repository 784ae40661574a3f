import type { Logger } from 'pino';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
import { listen } from '#packages/postgres/listen.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import type { LogPage, Position } from '../port.ts';
import type { LogReader, ReadOptions } from './reads.ts';

/** Polling is the truth, and this is how late an event may be when its notification was lost. */
const pollMs = 1_000;
/** Under load there is a notification per batch; a follower reads on at most this often and gets larger pages. */
const restMs = 10;

/** Says when there may be something new in the log. */
export type Wakeups = {
  /** Number of wake-ups so far: taken before a read, it tells whether one came since. */
  count(): number;
  /** Resolves at the first wake-up after that count, at the next poll, or when the signal aborts. */
  after(count: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/** One LISTEN connection for all followers of a store, opened with the first of them. */
export function createWakeups(connection: PostgresConnection, log: Logger): Wakeups {
  let count = 0;
  let next = new AbortController();
  const wake = () => {
    count += 1;
    next.abort();
    next = new AbortController();
  };
  let listener: ReturnType<typeof listen> | undefined;
  return {
    count: () => count,
    async after(seen, signal) {
      if (signal.aborted) return; // After `close` nobody would end a listener.
      listener ??= listen({ connection, channel: 'log_head', log, wake });
      if (count === seen) await sleep(pollMs, AbortSignal.any([signal, next.signal]));
    },
    async close() {
      await listener?.close();
    },
  };
}

/**
 * Follows the log as `EventStore.subscribe` says: a failed read is tried again for ever with bounded back-off, because
 * a follower that gives up is worse than one that waits.
 */
export async function* follow(
  { reader, wakeups, log }: { reader: LogReader; wakeups: Wakeups; log: Logger },
  after: Position,
  options: ReadOptions & { readonly signal: AbortSignal },
): AsyncGenerator<LogPage, void, undefined> {
  const { signal, ...filter } = options;
  let position = after;
  for (let failures = 0; !signal.aborted; ) {
    const seen = wakeups.count();
    let page: LogPage;
    try {
      page = await reader.readAll(position, filter);
      failures = 0;
    } catch (error) {
      if (error instanceof TypeError) throw error;
      failures += 1;
      log.warn({ err: error, position: String(position), failures }, 'cannot read the event log; trying again');
      await sleep(backoffMs(failures, { minMs: 50, maxMs: 5_000 }), signal);
      continue;
    }
    if (signal.aborted) return;
    if (page.scannedTo > position) {
      position = page.scannedTo;
      yield page;
    }
    if (page.atEnd) {
      await sleep(restMs, signal);
      await wakeups.after(seen, signal);
    }
  }
}
