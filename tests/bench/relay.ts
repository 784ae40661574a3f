import { eventStream, subjectOf } from '#contracts/bus.ts';
import { streams } from '#contracts/events/streams.ts';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import { createPostgresEventStore, migrateEventLog } from '#packages/event-store/postgres/store.ts';
import { newId } from '#packages/kernel/ids.ts';
import { openNats } from '#packages/message-bus/nats/open.ts';
import type { EventPublisher } from '#packages/message-bus/nats/publisher.ts';
import { createPool } from '#packages/postgres/pool.ts';
import { startRelay } from '#services/relay/service.ts';
import { startNats } from '#tests/support/nats.ts';
import type { Benchmark } from './benchmark.ts';
import { ticketComment } from './payload.ts';

const events = 10_000;
const perStream = 50;
/** As the relay has. */
const inFlight = 64;
/** The log is there, otherwise in PostgreSQL. */
const eventStoreUrl = process.env['EVENTSTORE_TEST_URL'];

const rateSince = (start: number): number => (events * 1_000) / (performance.now() - start);

/** Events per second from the moment the relay is connected, as the baseline is, until all are acknowledged. */
function measured(publisher: EventPublisher): { publisher: EventPublisher; rate: Promise<number> } {
  const rate = Promise.withResolvers<number>();
  let acknowledged = 0;
  return {
    rate: rate.promise,
    publisher: {
      begin: async (signal) => {
        const publication = await publisher.begin(signal);
        const start = performance.now();
        return {
          ...publication,
          publish: async (event) => {
            await publication.publish(event);
            acknowledged += 1;
            if (acknowledged === events) rate.resolve(rateSince(start));
          },
        };
      },
    },
  };
}

const relaying: Benchmark = {
  name: 'relay',
  unit: 'events/s',
  context: `${events} events from the log in ${eventStoreUrl ? 'EventStoreDB' : 'PostgreSQL'} to JetStream; the client's own publish of one body of that size with a message id, ${inFlight} in flight`,
  rounds: 7,
  async prepare({ connection, log }) {
    const nats = await startNats();
    const pool = createPool({ connection, log, name: 'bench relay', max: 4 });
    await migrateEventLog(pool);
    const store = eventStoreUrl
      ? createEventStoreDbEventStore({ url: eventStoreUrl, log })
      : createPostgresEventStore({ connection, log });
    const after = await store.head();
    for (let left = events; left > 0; left -= perStream)
      await store.append(streams.ticket(newId()), 0, Array.from({ length: perStream }, ticketComment));
    const opened = openNats({ access: { url: nats.url }, connection, pool, store, log });
    const client = await nats.client({ noAsyncTraces: true }); // As the desk's own connection.
    const jsm = await client.jetstreamManager();
    const newStream = async () => {
      const known = await jsm.streams.names().next();
      if (known.includes(eventStream.name)) await jsm.streams.delete(eventStream.name);
    };

    return {
      async ours() {
        await newStream();
        const { rate, publisher } = measured(opened.publisher);
        // Events of other benchmarks in the same log are none of ours.
        const own = {
          ...store,
          subscribe: (from: bigint, options: Parameters<typeof store.subscribe>[1]) =>
            store.subscribe(from > after ? from : after, options),
        };
        const relay = await startRelay({ connection, pool, store: own, publisher, log });
        const figure = await rate;
        await relay.stop();
        return figure;
      },
      async baseline() {
        await newStream();
        await jsm.streams.add({ name: eventStream.name, subjects: [...eventStream.subjects] });
        const { data, metadata } = ticketComment();
        const body = Buffer.from(JSON.stringify({ data, metadata }));
        const jetstream = client.jetstream();
        const subject = subjectOf('TicketCommented');
        // Who may have to send again needs the id, so that the broker can tell; no other header is sent.
        const ids = Array.from({ length: events }, () => newId());
        const start = performance.now();
        const publisher = async () => {
          for (let msgID = ids.pop(); msgID; msgID = ids.pop()) await jetstream.publish(subject, body, { msgID });
        };
        await Promise.all(Array.from({ length: inFlight }, publisher));
        return rateSince(start);
      },
      async close() {
        await opened.close();
        await client.close();
        await store.close();
        await pool.end();
        await nats.stop();
      },
    };
  },
};

export const relayBenchmarks = [relaying];
