import type pg from 'pg';
import type { Logger } from 'pino';
import type { EventStore } from '#packages/event-store/port.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import { sleep, withTimeout } from '#packages/kernel/retry.ts';
import { openCheckpoint } from './checkpoint.ts';
import { createGrave } from './dead-letters.ts';
import { createDelivery } from './delivery.ts';
import { createLanes } from './lanes.ts';
import type { ConsumerSpec, Handler } from './port.ts';

const pageSize = 100;
/** How often progress is stored; after a crash what was handled since comes again. */
const checkpointMs = 100;
const replayPollMs = 1_000;
/** What running handlers get to end by themselves, and then again to obey their signal. */
const drainMs = 3_000;

/**
 * Serves a consumer for as long as this process holds its lease: takes events, has them handled, stores how far
 * everything is done. Ends when `held` aborts; rejects when something fails or another process has taken over.
 */
export async function followOnce(options: {
  pool: pg.Pool;
  store: EventStore;
  log: Logger;
  spec: Required<ConsumerSpec>;
  handler: Handler;
  /** The consumer is being stopped: handlers may end in peace. */
  stopping: AbortSignal;
  /** The lease holds. When it is lost, handlers break off at once: another process may start on the same events. */
  held: AbortSignal;
  progress: (position: bigint) => void;
}): Promise<void> {
  const { handler, held, log, pool, progress, spec, stopping, store } = options;
  const checkpoint = await openCheckpoint(pool, spec.name);
  progress(checkpoint.position);
  const ended = new AbortController();
  const breakOff = new AbortController();
  const taking = AbortSignal.any([held, ended.signal]);
  const grave = createGrave(pool, spec.name);
  const lanes = createLanes({ concurrency: spec.concurrency, start: checkpoint.position });
  const { maxAttempts } = spec;
  const deliver = createDelivery({ handler, maxAttempts, grave, log, stopping: taking, signal: breakOff.signal });

  const take = async (): Promise<void> => {
    for await (const page of store.subscribe(checkpoint.position, {
      types: spec.types,
      limit: pageSize,
      signal: taking,
    })) {
      for (const event of page.events) {
        const run = async () => (await deliver(event)) !== 'stopped';
        await lanes.push({ lane: event.stream, position: event.position, run });
        if (taking.aborted) return;
      }
      lanes.scanned(page.scannedTo);
    }
  };

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
        for (const { eventId, stream, version } of await grave.takeReplays()) {
          const [event] = await store.readStream(stream, { fromVersion: version, toVersion: version });
          const run = async () => {
            if (event && (await deliver(event)) === 'handled') await grave.remove(eventId).catch(notRemoved);
            return true;
          };
          await lanes.push({ lane: stream, run });
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

  const loops = [take(), keepProgress(), replay()];
  try {
    await Promise.all(loops);
  } finally {
    ended.abort();
    await drain();
    await Promise.allSettled(loops);
    await waitOut(storeProgress);
  }
}
