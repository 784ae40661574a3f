import type pg from 'pg';
import type { Logger } from 'pino';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import { startConsumption } from './consumption.ts';
import { createGrave } from './dead-letters.ts';
import { migrateMessageBus } from './migrate.ts';
import { type ConsumerSpec, consumerDefaults, type MessageBus } from './port.ts';
import { type Source, serveOnce } from './serve-once.ts';

const pageSize = 100;

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
  const { connection, pool } = options;
  return {
    consume: async (given, handler) => {
      const spec = { ...consumerDefaults, ...given };
      const log = options.log.child({ consumer: spec.name });
      await migrateMessageBus(pool);
      return startConsumption({ connection, log, name: spec.name }, (context) =>
        serveOnce({ ...context, pool, store: options.store, source: logSource(options, spec), log, spec, handler }),
      );
    },
  };
}

function logSource({ pool, store }: LogBusOptions, { name, types }: ConsumerSpec): Source {
  const grave = createGrave(pool, name);
  return {
    feed: async ({ deliver, lanes, signal, start }) => {
      for await (const page of store.subscribe(start, { types, limit: pageSize, signal })) {
        for (const event of page.events) {
          const run = async () => (await deliver(Promise.resolve(event))) !== 'stopped';
          await lanes.push({ lane: event.stream, position: event.position, run });
          if (signal.aborted) return;
        }
        lanes.scanned(page.scannedTo);
      }
    },
    release: async () => undefined,
    letters: {
      bury: grave.bury,
      dismiss: grave.dismiss,
      remove: grave.remove,
      wanted: async () => {
        const found: { eventId: string; event: StoredEvent | null }[] = [];
        for (const { eventId, stream, version } of await grave.wanted()) {
          const [event = null] = await store.readStream(stream, { fromVersion: version, toVersion: version });
          found.push({ eventId, event });
        }
        return found;
      },
    },
  };
}
