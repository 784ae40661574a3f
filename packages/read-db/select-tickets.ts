import { type Kysely, sql } from 'kysely';
import type { Priority, Status } from '#contracts/primitives.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import { catchUp } from './freshness.ts';
import { idsOfOne } from './identities.ts';
import { onReadDb } from './query.ts';
import type { ReadDatabase } from './tables.ts';

/** Which tickets are meant; null: those of nobody. Members left out do not matter. */
export type TicketSelection = {
  readonly status?: readonly Status[];
  readonly priority?: readonly Priority[];
  readonly group?: string | null;
  readonly agent?: string | null;
  readonly requester?: string;
  readonly company?: string;
  readonly tag?: string;
};
/** Ids of the tickets meant that are not set aside, the oldest first, at most `limit`. */
export type SelectTickets = (selection: TicketSelection, limit: number) => Promise<readonly string[]>;

/**
 * Chooses tickets as they are now: the read model is waited for until it shows what was in the log.
 * Rejects with READ_MODEL_UNAVAILABLE, STORE_UNAVAILABLE or TIMEOUT.
 */
export function createSelectTickets(deps: {
  db: Kysely<ReadDatabase>;
  store: Pick<EventStore, 'head'>;
  watch: Pick<ProjectionWatch, 'waitFor'>;
}): SelectTickets {
  return async ({ agent, company, group, priority, requester, status, tag }, limit) => {
    await catchUp(deps, ['tickets', 'people', 'companies']);
    let query = deps.db.selectFrom('tickets').select('id').where('set_aside', 'is', null);
    if (status) query = query.where('status', 'in', status);
    if (priority) query = query.where('priority', 'in', priority);
    if (group !== undefined) query = query.where('group_id', group === null ? 'is' : '=', group);
    if (agent !== undefined) query = query.where('agent_id', agent === null ? 'is' : '=', agent);
    if (requester !== undefined)
      query = query.where('requester_id', 'in', await idsOfOne(deps.db, 'people', requester));
    if (company !== undefined) query = query.where('company_id', 'in', await idsOfOne(deps.db, 'companies', company));
    if (tag !== undefined) query = query.where(sql<boolean>`tags <> '{}' and tags @> ${[tag]}::text[]`);
    const rows = await onReadDb(() => query.orderBy('created_at').orderBy('id').limit(limit).execute());
    return rows.map(({ id }) => id);
  };
}
