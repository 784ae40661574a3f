import type { Logger } from 'pino';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import { backoffMs, retry, sleep } from '#packages/kernel/retry.ts';
import { CrashLoopError } from './crash-guard.ts';
import type { Letters } from './dead-letters.ts';
import type { Order } from './order.ts';
import type { Handler } from './port.ts';

const backoff = { minMs: 50, maxMs: 30_000 };

type Outcome = 'handled' | 'buried' | 'stopped';
/** Takes an event that may still have to be read, so that its place in the order is that of the call; null: not to be had. */
export type Deliver = (arriving: Promise<StoredEvent | null>) => Promise<Outcome>;

/**
 * Hands an event to the handler until it succeeds. A dependency that is away is waited for as long as it takes; what
 * fails for another reason `maxAttempts` times becomes a dead letter, so that one event cannot stop a consumer.
 * Never rejects; `stopped` when a signal ended the trying, in which case the event is to be delivered again.
 */
export function createDelivery(options: {
  handler: Handler;
  /** Null when events of different streams have nothing to do with each other. */
  order: Order | null;
  maxAttempts: number;
  grave: Pick<Letters, 'bury'>;
  /** No further attempts. */
  stopping: AbortSignal;
  /** The handler's: it is to break off. */
  signal: AbortSignal;
  log: Logger;
}): Deliver {
  const { grave, handler, log, maxAttempts, order, signal, stopping } = options;

  const bury = async (event: StoredEvent, attempts: number, cause: unknown): Promise<'buried' | 'stopped'> => {
    const { id, position, stream, type } = event;
    log.error({ err: cause, event: id, type, stream, position, attempts }, 'event given up as a dead letter');
    const store = () => grave.bury(event, attempts, cause);
    const retryable = () => !stopping.aborted;
    try {
      await retry(store, { attempts: Number.POSITIVE_INFINITY, ...backoff, retryable, signal: stopping });
      return 'buried';
    } catch (error) {
      log.warn({ err: error, event: id }, 'dead letter not stored before the stop; the event will come again');
      return 'stopped';
    }
  };

  const handle = async (event: StoredEvent | null): Promise<Outcome> => {
    if (!event) return 'stopped';
    let failures = 0;
    for (let tries = 1; !stopping.aborted; tries += 1) {
      try {
        await handler(event, { attempt: failures + 1, signal });
        return 'handled';
      } catch (error) {
        if (stopping.aborted) break;
        if (!isTransient(error)) failures += 1;
        if (failures >= maxAttempts || error instanceof CrashLoopError) return bury(event, tries, error);
        log.warn(
          { err: error, event: event.id, type: event.type, stream: event.stream, tries },
          'event not handled yet',
        );
        await sleep(backoffMs(tries, backoff), stopping);
      }
    }
    return 'stopped';
  };

  return async (arriving) => {
    const work = async () => handle(await arriving);
    return order ? order(arriving, work) : work();
  };
}
