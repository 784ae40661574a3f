import pg from 'pg';
import type { EventStore } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { transaction } from '#packages/postgres/transaction.ts';
import { createApply } from './apply.ts';
import type { OnProgress } from './build.ts';
import { createTables } from './generations.ts';
import type { AnyProjection } from './projection.ts';
import { listGenerations } from './registry.ts';

/** Differences listed per table and side; the point is to see what they look like, not to have them all. */
const listed = 20;
/** A comparison sorts whole tables. */
const compareTimeoutMs = 600_000;

export type Difference = {
  readonly table: string;
  /** `missing`: the fold of the log has this row and the live table has not; `unexpected`: the other way round. */
  readonly side: 'missing' | 'unexpected';
  readonly row: Readonly<Record<string, unknown>>;
};

export type Verification = {
  readonly name: string;
  readonly generation: number;
  /** Log position of the rows compared. */
  readonly position: bigint;
  readonly events: number;
  /** Empty when the live rows are what the log says. At most 20 per table and side. */
  readonly differences: readonly Difference[];
};

/**
 * Compares the live rows of a read model with a fresh fold of the log up to the same position. All happens in one
 * snapshot of the database, in tables that its rollback takes away: the projector goes on meanwhile and nothing is
 * left behind, whatever happens. Rejects with NOT_FOUND when there is no live generation of this version.
 */
export async function verify(options: {
  pool: pg.Pool;
  store: EventStore;
  projection: AnyProjection;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
}): Promise<Verification> {
  const { pool, projection, signal, store } = options;
  const head = await store.head();
  return transaction(
    pool,
    async (client) => {
      await client.query(`set local statement_timeout = ${compareTimeoutMs}`);
      const generations = await listGenerations(client, projection.name);
      const live = generations.find(({ stage, version }) => stage === 'live' && version === projection.version);
      if (!live)
        throw new AppError('NOT_FOUND', { detail: `${projection.name} has no live generation of this version` });

      const fresh = `${live.schema}_verify`;
      await createTables(client, fresh, projection);
      const apply = createApply(fresh, projection);
      let events = 0;
      for (let position = 0n; position < live.position; ) {
        signal?.throwIfAborted();
        const page = await store.readAll(position, { types: projection.handles });
        const upTo = page.events.filter(
          (event) => event.position <= live.position && !live.skipped.has(event.position),
        );
        await apply(client, upTo);
        position = page.scannedTo;
        events += upTo.length;
        options.onProgress?.({ name: projection.name, position, head, events });
        if (page.atEnd) break;
      }
      const differences: Difference[] = [];
      for (const table of Object.keys(projection.tables))
        differences.push(...(await compare(client, table, { fresh, live: live.schema })));
      return { name: projection.name, generation: live.generation, position: live.position, events, differences };
    },
    { begin: 'begin isolation level repeatable read', end: 'rollback' },
  );
}

/** Rows that one schema has more of than the other; `except all` also counts how often a row is there. */
async function compare(
  client: pg.ClientBase,
  table: string,
  { fresh, live }: { fresh: string; live: string },
): Promise<readonly Difference[]> {
  const only = (side: Difference['side'], here: string, there: string) =>
    `(select '${side}' as side, to_jsonb(d) as row
      from (table ${named(here, table)} except all table ${named(there, table)} limit ${listed}) d)`;
  const query = {
    text: `${only('missing', fresh, live)} union all ${only('unexpected', live, fresh)}`,
    query_timeout: compareTimeoutMs,
  };
  const { rows } = await client.query<Omit<Difference, 'table'>>(query);
  return rows.map((row) => ({ table, ...row }));
}

const named = (schema: string, table: string) => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
