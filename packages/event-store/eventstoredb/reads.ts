import { BACKWARDS, END, type EventStoreDBClient, FORWARDS, START, type StreamingRead } from '@eventstore/db-client';
import { AppError } from '#packages/kernel/errors.ts';
import { sleep } from '#packages/kernel/retry.ts';
import type { LogFilter, LogPage, Position, StoredEvent } from '../port.ts';
import { isNotLeader, isStreamNotFound, translateEventStoreDbError } from './errors.ts';
import { isForeign, positionOf, type Resolved, toStoredEvent } from './recorded.ts';

const defaultLimit = 1_000;
/** Events that one request asks for at most, so that a page never holds more of the log in memory than this. */
const batchSize = 1_000;
/** A filtered read looks at so many events at most: the server cannot filter a read, so all of them travel. */
const windowSize = 20_000;
/** Of a read that goes on this long without an event the server is taken for silent. Reads have no deadline of theirs. */
const defaultSilenceMs = 10_000;
/** Before a node is asked that is said to lead: the client needs a moment to go there. */
const electionMs = 50;

export type ReadOptions = LogFilter & { readonly limit?: number };

/** For calls whose answer must be the newest there is: followers of a cluster lag behind. */
const fromLeader = { requiresLeader: true } as const;

/** The read side of the log; gives events as they are stored. Rejects as the port says, with TypeError for a wrong limit. */
export function createReader(client: EventStoreDBClient, silenceMs = defaultSilenceMs) {
  const collect = (open: () => StreamingRead<Resolved>, signal?: AbortSignal) =>
    collectOnce(open, { silenceMs, ...(signal && { signal }) });

  /** Events at a position and after it, system events included; fewer than asked for at the end of the log. */
  const scan = (from: Position, maxCount: number): Promise<Resolved[]> =>
    collect(() => client.readAll({ fromPosition: placeOf(from), maxCount, ...fromLeader }));

  /** Rejects at once when the signal aborts. */
  const head = async (signal?: AbortSignal): Promise<Position> => {
    let fromPosition: ReturnType<typeof placeOf> | typeof END = END;
    for (let maxCount = 16; ; maxCount = Math.min(maxCount * 4, batchSize)) {
      const place = fromPosition;
      const events = await collect(
        () => client.readAll({ direction: BACKWARDS, fromPosition: place, maxCount, ...fromLeader }),
        signal,
      );
      const newest = events.find((event) => !isForeign(event));
      if (newest) return positionOf(newest);
      const oldest = events.at(-1);
      if (!oldest || events.length < maxCount) return 0n;
      fromPosition = placeOf(positionOf(oldest));
    }
  };

  return {
    scan,
    head,

    async readStream(stream: string, { fromVersion = 1, toVersion = 0x7fffffff } = {}): Promise<StoredEvent[]> {
      const first = Math.max(fromVersion, 1);
      if (toVersion < first) return []; // The server takes no count of 0.
      const read = () =>
        client.readStream(stream, {
          direction: FORWARDS,
          fromRevision: BigInt(first - 1),
          maxCount: toVersion - first + 1,
          ...fromLeader,
        });
      // Of a stream that was deleted softly and written again the count may reach beyond `toVersion`.
      return (await collect(read)).map(toStoredEvent).filter(({ version }) => version <= toVersion);
    },

    async readAll(after: Position, { limit = defaultLimit, ...filter }: ReadOptions = {}): Promise<LogPage> {
      if (!Number.isInteger(limit) || limit < 1) throw new TypeError(`not a limit: ${limit}`);
      const wanted = matching(filter);
      const events: StoredEvent[] = [];
      let scannedTo = after;
      let next = after;
      let looked = 0;
      while (events.length < limit && looked < windowSize) {
        const maxCount = Math.min(batchSize, limit + 1);
        const batch = await scan(next, maxCount);
        // The server begins with the event at the position itself.
        for (const resolved of batch) {
          const position = positionOf(resolved);
          if (position <= next && next > 0n) continue;
          next = position;
          looked += 1;
          if (isForeign(resolved)) continue;
          scannedTo = position;
          const event = toStoredEvent(resolved);
          if (wanted(event)) events.push(event);
          if (events.length === limit) break;
        }
        if (events.length < limit && batch.length < maxCount) return { events, scannedTo, atEnd: true };
      }
      return { events, scannedTo: events.length < limit ? next : scannedTo, atEnd: false };
    },
  };
}

export type LogReader = ReturnType<typeof createReader>;

export const placeOf = (position: Position) => (position === 0n ? START : { commit: position, prepare: position });

/** The server filters subscriptions by streams or by types, not by both, and reads not at all. */
export function matching({ streamPrefixes, types }: LogFilter): (event: StoredEvent) => boolean {
  const known = types && new Set<string>(types);
  return ({ stream, type }) =>
    (known?.has(type) ?? true) && (streamPrefixes?.some((prefix) => stream.startsWith(prefix)) ?? true);
}

type Collecting = { readonly silenceMs: number; readonly signal?: AbortSignal };

/** Reads to the end, from another node when that leads; a stream that does not exist has no events. */
async function collectOnce(open: () => StreamingRead<Resolved>, options: Collecting, tries = 3): Promise<Resolved[]> {
  const { silenceMs, signal } = options;
  const read = open();
  const events: Resolved[] = [];
  const giveUp = (code: 'TIMEOUT' | 'STORE_UNAVAILABLE') => {
    // It first waits for the connection, and rejects long after when no server can be found.
    read.cancel().catch(() => undefined);
    read.destroy(new AppError(code));
  };
  const stop = () => giveUp('STORE_UNAVAILABLE');
  const timer = setTimeout(() => giveUp('TIMEOUT'), silenceMs);
  // The client also emits errors after the end of the iteration, which nobody waits for any more.
  read.on('error', () => undefined);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    for await (const event of read) {
      timer.refresh();
      events.push(event);
    }
    return events;
  } catch (error) {
    if (isStreamNotFound(error)) return [];
    if (isNotLeader(error) && tries > 1) {
      await sleep(electionMs);
      return await collectOnce(open, options, tries - 1);
    }
    throw translateEventStoreDbError(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
