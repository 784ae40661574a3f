import type { Kysely } from 'kysely';
import type { EventStore } from '#packages/event-store/port.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import { catchUp } from './freshness.ts';
import { onReadDb } from './query.ts';
import type { ReadDatabase } from './tables.ts';

/** The id of the ticket with a number; null when there is none. */
export type FindTicket = (number: number) => Promise<string | null>;

/**
 * Finds tickets by the number people know. A number that is not found may be one that was given a moment ago: then the
 * read model is looked at once more when it has caught up with the log.
 * Rejects with READ_MODEL_UNAVAILABLE, STORE_UNAVAILABLE or TIMEOUT.
 */
export function createFindTicket(deps: {
  db: Kysely<ReadDatabase>;
  store: Pick<EventStore, 'head'>;
  watch: Pick<ProjectionWatch, 'waitFor'>;
}): FindTicket {
  const look = (number: number) =>
    onReadDb(async () => {
      const row = await deps.db.selectFrom('tickets').select('id').where('number', '=', number).executeTakeFirst();
      return row?.id ?? null;
    });
  return async (number) => {
    const id = await look(number);
    if (id !== null) return id;
    await catchUp(deps, ['tickets']);
    return look(number);
  };
}
