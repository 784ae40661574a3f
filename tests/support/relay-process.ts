/**
 * A relay as a process of its own, with DATABASE_URL and NATS_URL. Says `active` when it begins to copy. It takes its time
 * between events, so that a kill finds it in the middle, and the stream forgets message ids at once.
 */
import { pino } from 'pino';
import { eventStream } from '#contracts/bus.ts';
import { createPostgresEventStore } from '#packages/event-store/postgres/store.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { openNatsLink } from '#packages/message-bus/nats/link.ts';
import { createEventPublisher } from '#packages/message-bus/nats/publisher.ts';
import { createPool } from '#packages/postgres/pool.ts';
import { startRelay } from '#services/relay/service.ts';

const connection = { connectionString: process.env['DATABASE_URL'] ?? '' };
const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }));
const pool = createPool({ connection, log, name: 'relay', max: 4 });
const store = createPostgresEventStore({ connection, log });
const link = openNatsLink({ access: { url: process.env['NATS_URL'] ?? '' }, log });
// The least that servers take.
const publisher = createEventPublisher(link, { ...eventStream, duplicateWindowMs: 100 });

await startRelay({
  ...{ connection, pool, log },
  publisher: {
    begin: async (signal) => {
      const publication = await publisher.begin(signal);
      process.stdout.write('active\n');
      return publication;
    },
  },
  store: {
    ...store,
    async *subscribe(after, options) {
      for await (const page of store.subscribe(after, { ...options, limit: 10 })) {
        await sleep(3);
        yield page;
      }
    },
  },
});
