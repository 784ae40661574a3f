import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { streams } from '#contracts/events/streams.ts';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import { newId } from '#packages/kernel/ids.ts';
import { startProcess } from '#tests/support/process.ts';
import { type Benchmark, ratePerSecond } from './benchmark.ts';
import { ticketComment } from './payload.ts';

const clients = 32;
const roundMs = 1_500;
const eventsPerTicket = 20;
const where = process.env['EVENTSTORE_TEST_URL'] ? 'EventStoreDB' : 'a stand-in for EventStoreDB';

/** The server of EVENTSTORE_TEST_URL, otherwise the fake in a process of its own, which costs this one no time. */
async function openServer() {
  const url = process.env['EVENTSTORE_TEST_URL'];
  if (url) return { url, stop: async () => undefined };
  const fake = startProcess(['tests/support/eventstoredb-fake/main.ts'], {});
  const [printed] = await fake.printed(/esdb:\/\/\S+/);
  const stop = async () => {
    fake.signal('SIGKILL');
    await fake.ended;
  };
  return { url: printed, stop };
}

const appending: Benchmark = {
  name: `append-eventstoredb-${clients}`,
  unit: 'events/s',
  context: `${clients} clients, one event each, to ${where}; the bare client by unary calls`,
  async prepare({ log }) {
    const server = await openServer();
    const store = createEventStoreDbEventStore({ url: server.url, log });
    const client = EventStoreDBClient.connectionString(server.url);
    // Giving any makes the client append by a call of its own, as the adapter has it.
    const [, username = 'desk', password = 'desk'] = /\/\/([^:@]+):([^@]+)@/.exec(server.url) ?? [];
    const credentials = { username, password };

    /** Each client writes to a ticket of its own and opens another when that is full. */
    const round = (append: (stream: string, version: number) => Promise<unknown>): Promise<number> => {
      const tickets = Array.from({ length: clients }, () => ({ stream: streams.ticket(newId()), version: 0 }));
      return ratePerSecond(clients, roundMs, async (index) => {
        const ticket = tickets[index] ?? { stream: '', version: 0 };
        await append(ticket.stream, ticket.version);
        ticket.version += 1;
        if (ticket.version === eventsPerTicket) tickets[index] = { stream: streams.ticket(newId()), version: 0 };
      });
    };
    return {
      ours: () => round((stream, version) => store.append(stream, version, [ticketComment()])),
      baseline: () =>
        round((stream, version) => {
          const { id, type, data, metadata } = ticketComment();
          const expectedRevision = version === 0 ? NO_STREAM : BigInt(version - 1);
          return client.appendToStream(stream, jsonEvent({ id, type, data, metadata }), {
            expectedRevision,
            credentials,
            requiresLeader: true,
          });
        }),
      close: async () => {
        await store.close();
        await client.dispose();
        await server.stop();
      },
    };
  },
};

export const eventStoreDbBenchmarks = [appending];
