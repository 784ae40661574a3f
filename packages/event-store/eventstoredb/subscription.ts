import { setImmediate as immediate } from 'node:timers/promises';
import { type AllStreamSubscription, type EventStoreDBClient, excludeSystemEvents } from '@eventstore/db-client';
import type { Logger } from 'pino';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
import type { LogPage, Position, StoredEvent } from '../port.ts';
import { translateEventStoreDbError } from './errors.ts';
import { type LogReader, matching, placeOf, type ReadOptions } from './reads.ts';
import { isForeign, positionOf, type Resolved, toStoredEvent } from './recorded.ts';

/** Events that may wait for a slow follower; then the server is held up. */
const bufferSize = 256;
const defaultLimit = 1_000;
const pause = { minMs: 50, maxMs: 5_000 };

type Source = {
  /** After so long without an event the end of the log tells whether the server has only nothing to say. */
  readonly silenceMs: number;
  readonly client: EventStoreDBClient;
  readonly reader: LogReader;
  readonly log: Logger;
};
type Options = ReadOptions & { readonly signal: AbortSignal };

/**
 * Follows the log as `EventStore.subscribe` says. The client never subscribes again by itself, so this does, from the
 * last position that was given out: an error, an end and a silence are all a drop.
 */
export async function* follow(
  source: Source,
  after: Position,
  options: Options,
): AsyncGenerator<LogPage, void, undefined> {
  const { log } = source;
  const { limit = defaultLimit, signal } = options;
  if (!Number.isInteger(limit) || limit < 1) throw new TypeError(`not a limit: ${limit}`);
  let position = after;
  for (let failures = 0; !signal.aborted; ) {
    try {
      for await (const page of subscribeOnce(source, position, { ...options, limit })) {
        failures = 0;
        position = page.scannedTo;
        yield page;
        if (signal.aborted) return;
      }
    } catch (error) {
      if (error instanceof TypeError) throw error;
      if (signal.aborted) return;
      failures += 1;
      log.warn(
        { err: error, position: String(position), failures },
        'subscription to the event log dropped; subscribing again',
      );
      await sleep(backoffMs(failures, pause), signal);
    }
  }
}

/** Pages of one subscription, until the signal aborts; rejects when the subscription drops. */
async function* subscribeOnce(
  { client, reader, silenceMs }: Source,
  after: Position,
  { limit, signal, ...filter }: Options & { readonly limit: number },
): AsyncGenerator<LogPage, void, undefined> {
  const wanted = matching(filter);
  const end = await endBeyond(reader, after, signal);
  if (signal.aborted) return;
  const feed = openFeed(client, after, { signal, silenceMs });
  let position = after;
  try {
    while (!signal.aborted) {
      const events: StoredEvent[] = [];
      const before = position;
      let resolved = feed.take();
      for (; resolved; resolved = events.length < limit ? feed.take() : null) {
        if (isForeign(resolved) || positionOf(resolved) <= position) continue;
        position = positionOf(resolved);
        const event = toStoredEvent(resolved);
        if (wanted(event)) events.push(event);
      }
      // Servers before 23.10 do not say that a subscription has caught up, so the end at its start decides.
      if (position > before) yield { events, scannedTo: position, atEnd: feed.empty() && position >= end };
      else if ((await feed.more()) === 'silence') await refuseSilence(reader, position, feed, signal);
    }
  } finally {
    feed.close();
  }
}

/** The end of the log; throws when it lies before a position that was read, which means that this is another log. */
async function endBeyond(reader: LogReader, position: Position, signal: AbortSignal): Promise<Position> {
  const end = await reader.head(signal);
  if (end < position)
    throw new Error(
      `the log ends at ${end}, before position ${position} that was read: the server lost its log or is another one`,
    );
  return end;
}

/** Throws when the server has events that it does not send. */
async function refuseSilence(reader: LogReader, position: Position, feed: Feed, signal: AbortSignal): Promise<void> {
  if ((await endBeyond(reader, position, signal)) === position || signal.aborted) return;
  // What was appended just now may still be on its way.
  if ((await feed.more()) === 'silence') throw new Error('the server sends nothing although the log goes on');
}

type Feed = ReturnType<typeof openFeed>;

/** The client's stream as a buffer that can be emptied without waiting. `more` rejects with what ended it. */
function openFeed(
  client: EventStoreDBClient,
  after: Position,
  { signal, silenceMs }: { signal: AbortSignal; silenceMs: number },
) {
  const subscription: AllStreamSubscription = client.subscribeToAll(
    { fromPosition: placeOf(after), filter: excludeSystemEvents(), requiresLeader: true },
    { highWaterMark: bufferSize },
  );
  let wake: () => void = () => undefined;
  let ended: Error | undefined;
  const drop = (error: Error) => {
    ended ??= error;
    wake();
  };
  subscription.on('error', (error) => drop(translateEventStoreDbError(error)));
  for (const event of ['end', 'close'] as const)
    subscription.on(event, () => drop(new Error('the server ended the subscription')));
  subscription.on('readable', () => wake());

  return {
    take: (): Resolved | null => subscription.read() as Resolved | null,
    empty: () => subscription.readableLength === 0,
    /** Resolves when there may be events, when the signal aborts, or after a while. */
    async more(): Promise<'news' | 'silence'> {
      if (subscription.readableLength > 0) return 'news';
      if (ended) throw ended;
      const { promise, resolve } = Promise.withResolvers<'news' | 'silence'>();
      wake = () => resolve('news');
      signal.addEventListener('abort', wake, { once: true });
      const timer = setTimeout(() => resolve('silence'), silenceMs);
      const outcome = await promise.finally(() => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
      });
      // Word comes with the first event: those that arrived with it belong on the same page.
      if (outcome === 'news') await immediate();
      if (ended && subscription.readableLength === 0) throw ended;
      return outcome;
    },
    close(): void {
      void subscription.unsubscribe().catch(() => undefined); // There is no connection to end it on.
      subscription.destroy();
    },
  };
}
