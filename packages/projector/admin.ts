import type pg from 'pg';
import type { Logger } from 'pino';
import type { EventStore } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { transaction } from '#packages/postgres/transaction.ts';
import type { OnProgress } from './build.ts';
import { dropGeneration, lockGenerations } from './generations.ts';
import type { AnyProjection } from './projection.ts';
import { rebuild, rollback } from './rebuild.ts';
import { recordSkip } from './registry.ts';
import { type Verification, verify } from './verify.ts';

/** What operators do with read models, from any process and beside running projectors. */
export type ProjectorAdmin = {
  /** Builds the read model anew beside the live one, which serves readers until the switch. Rejects when that fails. */
  rebuild(name: string, onProgress?: OnProgress, signal?: AbortSignal): Promise<void>;
  /** Compares the live rows with a fresh fold of the log. */
  verify(name: string, onProgress?: OnProgress, signal?: AbortSignal): Promise<Verification>;
  /** Lets a failed projection go on without the event it failed at. Rejects with NOT_FOUND when it did not fail there. */
  skip(name: string, position: bigint): Promise<void>;
  /** Goes back to the generation that was live before, after bringing it up to date. */
  rollback(name: string): Promise<void>;
  /** Drops the generation kept for going back. Resolves to how many were dropped. */
  dropRetired(name: string): Promise<number>;
};

/** Every function rejects with NOT_FOUND for a name that is no projection. */
export function createProjectorAdmin(options: {
  projections: readonly AnyProjection[];
  pool: pg.Pool;
  store: EventStore;
  log: Logger;
}): ProjectorAdmin {
  const { log, pool, projections, store } = options;

  const named = (name: string): AnyProjection => {
    const projection = projections.find((each) => each.name === name);
    if (!projection) throw new AppError('NOT_FOUND', { detail: `there is no projection ${name}` });
    return projection;
  };

  return {
    rebuild: async (name, onProgress, signal = new AbortController().signal) =>
      rebuild({ pool, store, projection: named(name), log, signal, onProgress }),

    verify: async (name, onProgress, signal) => verify({ pool, store, projection: named(name), onProgress, signal }),

    skip: async (name, position) => {
      if (!(await recordSkip(pool, named(name).name, position)))
        throw new AppError('NOT_FOUND', { detail: `${name} has not failed at position ${position}` });
      log.warn({ projection: name, position }, 'event skipped by an operator');
    },

    rollback: async (name) =>
      rollback({ pool, store, projection: named(name), log, signal: new AbortController().signal }),

    dropRetired: async (name) =>
      transaction(pool, async (client) => {
        const retired = (await lockGenerations(client, named(name).name)).filter(({ stage }) => stage === 'retired');
        for (const each of retired) await dropGeneration(client, each);
        return retired.length;
      }),
  };
}
