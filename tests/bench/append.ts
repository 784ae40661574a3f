import { streams } from '#contracts/events/streams.ts';
import { createPostgresEventStore, migrateEventLog } from '#packages/event-store/postgres/store.ts';
import { newId } from '#packages/kernel/ids.ts';
import { createPool } from '#packages/postgres/pool.ts';
import { type Benchmark, ratePerSecond } from './benchmark.ts';
import { ticketComment } from './payload.ts';
import { createRawTable, insertRaw } from './raw-table.ts';

const roundMs = 700;
const eventsPerTicket = 20;

const appending = (clients: number): Benchmark => ({
  name: `append-${clients}`,
  unit: 'events/s',
  context: `${clients} clients, one event each, to tickets of up to ${eventsPerTicket} events; raw INSERT on ${Math.min(clients, 64)} connections`,
  async prepare({ connection, log }) {
    const pool = createPool({ connection, log, name: 'bench raw', max: Math.min(clients, 64) });
    await migrateEventLog(pool);
    await createRawTable(pool);
    const store = createPostgresEventStore({ connection, log });
    const newTickets = () => Array.from({ length: clients }, () => ({ stream: streams.ticket(newId()), version: 0 }));

    /** Each client writes to a ticket of its own and opens another when that is full. */
    const round = (append: (stream: string, version: number) => Promise<unknown>): Promise<number> => {
      const tickets = newTickets();
      return ratePerSecond(clients, roundMs, async (client) => {
        const ticket = tickets[client] ?? { stream: '', version: 0 };
        await append(ticket.stream, ticket.version);
        const full = ticket.version + 1 === eventsPerTicket;
        tickets[client] = full
          ? { stream: streams.ticket(newId()), version: 0 }
          : { ...ticket, version: ticket.version + 1 };
      });
    };

    return {
      ours: () => round((stream, version) => store.append(stream, version, [ticketComment()])),
      baseline: () => round((stream, version) => insertRaw(pool, stream, version + 1, ticketComment())),
      close: async () => {
        await store.close();
        await pool.end();
      },
    };
  },
});

export const appendBenchmarks = [1, 32, 128].map(appending);
