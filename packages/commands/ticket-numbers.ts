import type pg from 'pg';
import type { EventStore, Position } from '#packages/event-store/port.ts';
import { translatePostgresError } from '#packages/postgres/errors.ts';
import { migrate } from '#packages/postgres/migrate.ts';

export type TicketNumbers = {
  /** A number that no ticket has had; numbers may be skipped, never repeated. */
  next(): Promise<number>;
};

/**
 * Opens the counter of ticket numbers. Only events are facts, so a counter that was never used (a new database beside
 * an existing log) first goes past the highest number in the log.
 */
export async function openTicketNumbers({ pool, store }: { pool: pg.Pool; store: EventStore }): Promise<TicketNumbers> {
  await migrate(pool, 'commands', new URL('./migrations/', import.meta.url));
  const fresh = await pool.query<{ is_called: boolean }>('select is_called from desk.ticket_numbers');
  if (!fresh.rows[0]?.is_called) {
    const highest = await highestNumber(store);
    if (highest > 0) await pool.query(`select setval('desk.ticket_numbers', greatest(1001, $1::bigint))`, [highest]);
  }
  return {
    async next() {
      try {
        const result = await pool.query<{ number: bigint }>({
          name: 'next-ticket-number',
          text: `select nextval('desk.ticket_numbers') as number`,
        });
        return Number(result.rows[0]?.number);
      } catch (error) {
        throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
      }
    },
  };
}

async function highestNumber(store: EventStore): Promise<number> {
  let highest = 0;
  let after: Position = 0n;
  for (;;) {
    const page = await store.readAll(after, { types: ['TicketCreated'] });
    for (const event of page.events) if (event.type === 'TicketCreated') highest = Math.max(highest, event.data.number);
    if (page.atEnd) return highest;
    after = page.scannedTo;
  }
}
