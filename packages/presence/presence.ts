import type pg from 'pg';
import { migrate } from '#packages/postgres/migrate.ts';
import { rowsOf } from '#packages/postgres/rows.ts';

/** Seconds for which somebody counts as present without saying so again. */
export const presenceSeconds = 30;
/** More people than this on one ticket are a crowd: no need to name each. */
const maxListed = 50;

export type Present = {
  readonly personId: string;
  readonly state: 'viewing' | 'typing';
  readonly until: Date;
};

export type Presence = {
  /** Says that somebody has a ticket open, or has left it. */
  say(ticketId: string, personId: string, state: Present['state'] | 'away'): Promise<void>;
  /** Who has it open, in the order of ids, by the clock of the database. */
  on(ticketId: string): Promise<readonly Present[]>;
};

/**
 * Who is looking at which ticket or writing on it. No fact about a ticket, so no event: a table that all processes of the
 * API share, not written to the log of PostgreSQL, emptied by its crash. Both reject with READ_MODEL_UNAVAILABLE or TIMEOUT.
 */
export async function openPresence(pool: pg.Pool): Promise<Presence> {
  await migrate(pool, 'presence', new URL('./migrations/', import.meta.url));
  return {
    async say(ticketId, personId, state) {
      await rowsOf(
        pool,
        `delete from desk.presence where ctid in
           (select ctid from desk.presence where until < now() limit 100 for update skip locked)`,
        [],
      );
      if (state === 'away') {
        await rowsOf(pool, 'delete from desk.presence where ticket_id = $1 and person_id = $2', [ticketId, personId]);
        return;
      }
      await rowsOf(
        pool,
        `insert into desk.presence (ticket_id, person_id, state, until) values ($1, $2, $3, now() + make_interval(secs => $4))
         on conflict (ticket_id, person_id) do update set state = excluded.state, until = excluded.until`,
        [ticketId, personId, state, presenceSeconds],
      );
    },
    on: (ticketId) =>
      rowsOf<Present>(
        pool,
        `select person_id as "personId", state, until from desk.presence
         where ticket_id = $1 and until > now() order by person_id limit ${maxListed}`,
        [ticketId],
      ),
  };
}
