import type pg from 'pg';
import type { NewEvent } from '#packages/event-store/port.ts';

/** The plainest table that holds the same payload: what the log is measured against. */
export async function createRawTable(pool: pg.Pool): Promise<void> {
  await pool.query('drop table if exists raw_events');
  await pool.query(`create table raw_events (
    position bigint generated always as identity primary key,
    stream text not null, version integer not null, id uuid not null, type text not null, data json not null, metadata json not null
  )`);
}

/** One event by one INSERT in a transaction of its own. */
export async function insertRaw(pool: pg.Pool, stream: string, version: number, event: NewEvent): Promise<void> {
  await pool.query({
    name: 'insert-raw',
    text: 'insert into raw_events (stream, version, id, type, data, metadata) values ($1, $2, $3, $4, $5, $6)',
    values: [stream, version, event.id, event.type, JSON.stringify(event.data), JSON.stringify(event.metadata)],
  });
}
