import type pg from 'pg';
import type { Logger } from 'pino';
import type { EventStore } from '#packages/event-store/port.ts';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
import { migrate } from '#packages/postgres/migrate.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import { followOnce } from './follow-once.ts';
import { withLease } from './lease.ts';
import type { ConsumerSpec, Consumption, Handler, MessageBus } from './port.ts';

const defaults = { concurrency: 8, maxAttempts: 8 };
const backoff = { minMs: 100, maxMs: 10_000 };

export type LogBusOptions = {
  /** For the leases, which need connections of their own: one per consumer. */
  readonly connection: PostgresConnection;
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly log: Logger;
};

/**
 * The bus without a broker: each consumer follows the log by itself and keeps its place in `desk.followers`. A new
 * consumer begins at the start of the log. Of several processes one at a time serves a consumer; when it ends, or its
 * connection does, another goes on from the place stored last.
 */
export function createLogBus(options: LogBusOptions): MessageBus {
  return {
    consume: async (spec, handler) => {
      await migrate(options.pool, 'message-bus', new URL('migrations/', import.meta.url));
      return startFollower(options, { ...defaults, ...spec }, handler);
    },
  };
}

function startFollower(options: LogBusOptions, spec: Required<ConsumerSpec>, handler: Handler): Consumption {
  const { connection } = options;
  const { name } = spec;
  const log = options.log.child({ consumer: name });
  const stopping = new AbortController();
  const { signal } = stopping;
  let position = 0n;

  const follow = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await withLease({ connection, name, log, signal }, async (held) => {
          failures = 0;
          const progress = (to: bigint) => {
            position = to;
          };
          await followOnce({ ...options, log, spec, handler, stopping: signal, held, progress });
        });
      } catch (error) {
        log.warn({ err: error }, 'consumer broke off, starting again');
      }
      await sleep(backoffMs(failures, backoff), signal);
    }
  };
  const done = follow();

  return {
    position: () => position,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}
