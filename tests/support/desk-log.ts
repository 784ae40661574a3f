import type { Logger } from 'pino';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import { createPostgresEventStore } from '#packages/event-store/postgres/store.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';

/** The log of a desk of processes, wherever it is, for tests that look at it beside the desk. */
export function openDeskLog(options: {
  connection: PostgresConnection;
  eventStoreUrl: string | undefined;
  log: Logger;
}) {
  const { connection, eventStoreUrl: url, log } = options;
  const store = url ? createEventStoreDbEventStore({ url, log }) : createPostgresEventStore({ connection, log });
  return {
    head: async () => Number(await store.head()),
    /** How often each kind of event is in it. */
    async events(): Promise<Record<string, number>> {
      const types: string[] = [];
      for (let after = 0n, atEnd = false; !atEnd; ) {
        const page = await store.readAll(after);
        types.push(...page.events.map(({ type }) => type));
        ({ scannedTo: after, atEnd } = page);
      }
      const counts = Object.entries(Object.groupBy(types, (type) => type)).map(([type, all = []]) => [
        type,
        all.length,
      ]);
      return Object.fromEntries(counts.toSorted());
    },
    close: () => store.close(),
  };
}
