import type pg from 'pg';
import type { Logger } from 'pino';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import { sleep, withTimeout } from '#packages/kernel/retry.ts';
import { openCheckpoint } from './checkpoint.ts';
import { createDelivery, type Deliver } from './delivery.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { createOrder } from './order.ts';
import type { FullConsumerSpec, Handler } from './port.ts';

/** How often progress is stored; after a crash what was handled since comes again. */
const checkpointMs = 100;
const replayPollMs = 1_000;
/** What running handlers get to end by themselves, and then again to obey their signal. */
const drainMs = 3_000;

/** Where the events of a consumer come from. */
export type Source = {
  /** Puts events into lanes, in the order of the log, until the signal aborts; rejects when that cannot go on. */
  feed(into: { start: bigint; lanes: Lanes; deliver: Deliver; signal: AbortSignal }): Promise<void>;
  /** Gives back what was taken and is not done; no handler runs any more. */
  release(): Promise<void>;
  readonly letters: {
    /** Keeps an event that could not be handled. */
    bury(event: StoredEvent, attempts: number, error: unknown): Promise<void>;
    /** Events of the letters that somebody wants replayed; each is asked for once. */
    takeReplays(): Promise<readonly StoredEvent[]>;
    /** Forgets a letter whose event has been handled after all. */
    remove(eventId: string): Promise<void>;
  };
};

/**
 * Serves a consumer for as long as this process holds its lease: takes events, has them handled, stores how far
 * everything is done. Ends when `held` aborts; rejects when something fails or another process has taken over.
 */
export async function serveOnce(options: {
  pool: pg.Pool;
  source: Source;
  log: Logger;
  spec: FullConsumerSpec;
  handler: Handler;
  /** The consumer is being stopped: handlers may end in peace. */
  stopping: AbortSignal;
  /** The lease holds. When it is lost, handlers break off at once: another process may start on the same events. */
  held: AbortSignal;
  progress: (position: bigint) => void;
}): Promise<void> {
  const { handler, held, log, pool, progress, source, spec, stopping } = options;
  const { letters } = source;
  const checkpoint = await openCheckpoint(pool, spec.name);
  progress(checkpoint.position);
  const ended = new AbortController();
  const breakOff = new AbortController();
  const taking = AbortSignal.any([held, ended.signal]);
  const lanes = createLanes({ concurrency: spec.concurrency, start: checkpoint.position });
  const { maxAttempts } = spec;
  const deliver = createDelivery({
    handler,
    order: spec.keysOf ? createOrder(spec.keysOf, log) : null,
    maxAttempts,
    grave: letters,
    log,
    stopping: taking,
    signal: breakOff.signal,
  });

  let stored = checkpoint.position;
  const storeProgress = async (): Promise<void> => {
    const reached = lanes.reached();
    if (reached === stored) return;
    if (!(await checkpoint.store(reached))) throw new Error(`another process serves consumer ${spec.name}`);
    stored = reached;
    progress(reached);
  };

  const keepProgress = async (): Promise<void> => {
    while (!taking.aborted) {
      await sleep(checkpointMs, taking);
      await waitOut(storeProgress);
    }
  };

  const replay = async (): Promise<void> => {
    while (!taking.aborted) {
      await waitOut(async () => {
        for (const event of await letters.takeReplays()) {
          const run = async () => {
            if ((await deliver(Promise.resolve(event))) === 'handled') await letters.remove(event.id).catch(notRemoved);
            return true;
          };
          await lanes.push({ lane: event.stream, run });
        }
      });
      await sleep(replayPollMs, taking);
    }
  };
  const notRemoved = (error: unknown) => log.warn({ err: error }, 'event replayed, but its dead letter is still there');

  /** A database that is away for now ends nothing: the lease tells when it is lost. */
  const waitOut = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      log.warn({ err: error }, 'progress of the consumer cannot be stored for now');
    }
  };

  const drain = async (): Promise<void> => {
    if (!stopping.aborted) breakOff.abort();
    const late = () => new Error(`handlers of ${spec.name} did not end within ${drainMs} ms`);
    const closed = lanes.close();
    await withTimeout(closed, drainMs, late).catch(() => breakOff.abort());
    await withTimeout(closed, drainMs, late);
  };

  const feeding = source.feed({ start: checkpoint.position, lanes, deliver, signal: taking });
  const loops = [feeding, keepProgress(), replay()];
  try {
    await Promise.all(loops);
  } finally {
    ended.abort();
    try {
      await drain();
    } finally {
      await Promise.allSettled(loops);
      await waitOut(storeProgress);
      await source.release();
    }
  }
}
