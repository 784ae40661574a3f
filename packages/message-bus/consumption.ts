import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import { withLease } from './lease.ts';
import type { Consumption, ConsumptionState } from './port.ts';

const backoff = { minMs: 100, maxMs: 10_000 };

/** What serves while the lease is held: ends when `held` aborts, rejects when it cannot go on and is to begin again. */
type Serve = (context: {
  held: AbortSignal;
  /** Names this process, for as long as it consumes. */
  holder: string;
  /** Aborts when this process wants to stop: unlike a lost lease no reason to hurry. */
  stopping: AbortSignal;
  progress: (position: bigint) => void;
}) => Promise<void>;

/** Keeps serving under the lease `name`, of all processes in one at a time, and begins again after every failure. */
export function startConsumption(
  { connection, log, name }: { connection: PostgresConnection; log: Logger; name: string },
  serve: Serve,
): Consumption {
  const stopping = new AbortController();
  const { signal } = stopping;
  const holder = randomUUID();
  let position = 0n;
  // Until the lease says otherwise: nobody is asked to wait for a process that may never have anything to do.
  let state: ConsumptionState = 'standing by';
  const progress = (to: bigint) => {
    position = to;
    state = 'serving';
  };
  const waiting = () => {
    state = 'standing by';
  };

  const follow = async (): Promise<void> => {
    let said = '';
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await withLease({ connection, name, log, signal, waiting }, async (held) => {
          if (state !== 'failing') state = 'beginning';
          const since = performance.now();
          try {
            await serve({ held, holder, stopping: signal, progress });
          } finally {
            if (performance.now() - since > backoff.maxMs) {
              failures = 0;
              said = '';
            }
          }
        });
      } catch (error) {
        state = 'failing';
        const reason = error instanceof Error ? error.message : String(error);
        // The same reason once: what needs an operator is no news every few seconds.
        if (reason !== said) log.error({ err: error }, `${name} cannot go on, trying again: ${reason}`);
        said = reason;
      }
      await sleep(backoffMs(failures, backoff), signal);
    }
  };
  const done = follow();

  return {
    position: () => position,
    state: () => state,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}
