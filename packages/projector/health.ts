import type pg from 'pg';
import type { EventStore } from '#packages/event-store/port.ts';
import { translatePostgresError } from '#packages/postgres/errors.ts';
import { listGenerations, type Stage } from './registry.ts';

export type ProjectionHealth = {
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  readonly stage: Stage;
  readonly status: Stage | 'failed';
  readonly position: bigint;
  /** Distance to the end of the log, in positions; in the PostgreSQL log that is the number of events. */
  readonly lag: bigint;
  /** The event that could not be applied and why, while the projection stands still there. */
  readonly failedPosition: bigint | null;
  readonly error: string | null;
  /** Events left out on an operator's word. */
  readonly skipped: number;
};

/** State of every generation, oldest first within a projection. Rejects with READ_MODEL_ or STORE_UNAVAILABLE. */
export async function projectionHealth(pool: pg.Pool, store: EventStore): Promise<readonly ProjectionHealth[]> {
  const head = await store.head();
  try {
    return (await listGenerations(pool)).map((each) => ({
      name: each.name,
      version: each.version,
      generation: each.generation,
      stage: each.stage,
      status: each.failure ? 'failed' : each.stage,
      position: each.position,
      // The head was read first: a projection may have got past it since.
      lag: head > each.position ? head - each.position : 0n,
      failedPosition: each.failure?.position ?? null,
      error: each.failure?.error ?? null,
      skipped: each.skipped.size,
    }));
  } catch (error) {
    throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
  }
}
