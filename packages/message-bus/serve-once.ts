import type pg from 'pg';
import type { Logger } from 'pino';
import type { EventStore } from '#packages/event-store/port.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import { sleep, withTimeout } from '#packages/kernel/retry.ts';
import { openCheckpoint } from './checkpoint.ts';
import { openCrashGuard } from './crash-guard.ts';
import type { Letters } from './dead-letters.ts';
import { createDelivery, type Deliver } from './delivery.ts';
import { createLanes, type Lanes } from './lanes.ts';
import { createOrder } from './order.ts';
import type { FullConsumerSpec, Handler } from './port.ts';
import { createReplays } from './replays.ts';
import { refuseShorterLog } from './same-log.ts';

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
  readonly letters: Letters;
};

/**
 * Serves a consumer for as long as this process holds its lease: takes events, has them handled, stores how far
 * everything is done. Ends when `held` aborts; rejects when something fails or another process has taken over.
 */
export async function serveOnce(options: {
  pool: pg.Pool;
  store: Pick<EventStore, 'head'>;
  source: Source;
  log: Logger;
  spec: FullConsumerSpec;
  handler: Handler;
  /** Names this process among those that serve the consumer. */
  holder: string;
  /** The consumer is being stopped: handlers may end in peace. */
  stopping: AbortSignal;
  /** The lease holds. When it is lost, handlers break off at once: another process may start on the same events. */
  held: AbortSignal;
  progress: (position: bigint) => void;
}): Promise<void> {
  const { handler, held, holder, log, pool, progress, source, spec, stopping, store } = options;
  const { letters } = source;
  const checkpoint = await openCheckpoint(pool, spec.name);
  await refuseShorterLog(store, checkpoint.position, `consumer ${spec.name}`);
  const guard = await openCrashGuard({ pool, log, consumer: spec.name, holder, head: await store.head() });
  progress(checkpoint.position);
  const ended = new AbortController();
  const breakOff = new AbortController();
  const taking = AbortSignal.any([held, ended.signal]);
  const lanes = createLanes({ concurrency: spec.concurrency, start: checkpoint.position });
  const { keysOf, maxAttempts } = spec;
  // To find out what an event is about may end the process as well as to handle it, and leaves no note: one at a time
  // there is no need to know.
  const order = keysOf ? createOrder(async (event) => (guard.isCareful() ? null : keysOf(event)), log) : null;
  const delivery = { order, maxAttempts, grave: letters, log, stopping: taking, signal: breakOff.signal };
  const deliver = createDelivery({ ...delivery, handler: guard.watched(handler) });
  const grave = {
    bury: async (...letter: Parameters<Letters['bury']>) => {
      await letters.bury(...letter);
      await guard.replayFailed(letter[0].id);
    },
  };
  const replayed = createDelivery({ ...delivery, grave, handler: guard.watched(handler, { replayed: true }) });
  const replay = createReplays({ letters, lanes, log, deliver: replayed });

  let stored = checkpoint.position;
  const storeProgress = async (): Promise<void> => {
    const reached = lanes.reached();
    if (reached === stored) return;
    if (!(await checkpoint.store(reached))) throw new Error(`another process serves consumer ${spec.name}`);
    stored = reached;
    progress(reached);
    await guard.reached(reached);
  };

  const keepProgress = async (): Promise<void> => {
    while (!taking.aborted) {
      await sleep(checkpointMs, taking);
      await waitOut(storeProgress);
    }
  };

  const keepReplaying = async (): Promise<void> => {
    while (!taking.aborted) {
      await waitOut(replay);
      await sleep(replayPollMs, taking);
    }
  };

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
  const loops = [feeding, keepProgress(), keepReplaying()];
  try {
    await Promise.all(loops);
  } finally {
    ended.abort();
    // What does not end in time may end the process yet, so that the next one has to be careful.
    let drained = false;
    try {
      await drain();
      drained = true;
    } finally {
      await Promise.allSettled(loops);
      try {
        await waitOut(storeProgress);
        if (drained) await waitOut(guard.release);
      } finally {
        await source.release();
      }
    }
  }
}
