import type pg from 'pg';
import type { Logger } from 'pino';
import type { EventStore } from '#packages/event-store/port.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
import { translatePostgresError } from '#packages/postgres/errors.ts';
import { transaction } from '#packages/postgres/transaction.ts';
import { build } from './build.ts';
import { followLog, type LogFeed } from './feed.ts';
import { createGeneration, dropGeneration, lockGenerations } from './generations.ts';
import { type ProjectionHealth, projectionHealth } from './health.ts';
import type { AnyProjection } from './projection.ts';
import { clearFailures, type Generation, listGenerations } from './registry.ts';
import { run } from './run.ts';

/** How soon a projection that has nothing to do here (parked, superseded) looks whether that has changed. */
const idleMs = 500;
const pollMs = 20;

export type Projector = {
  /** Registers what is new and starts all projections. Rejects with READ_MODEL_UNAVAILABLE when the database is away. */
  start(): Promise<void>;
  /** Resolves once every projection has tables that readers can query or was parked as failed, or the signal aborts. */
  waitUntilLive(signal: AbortSignal): Promise<void>;
  health(): Promise<readonly ProjectionHealth[]>;
  /** Lets running batches end. Idempotent. */
  stop(): Promise<void>;
};

/**
 * Keeps all read models up to date. Each projection runs on its own: one that fails, or is rebuilt, holds up no other.
 * Several processes may do this at once. Give it a pool of its own: its size bounds how many projections work at a time.
 */
export function createProjector(options: {
  projections: readonly AnyProjection[];
  pool: pg.Pool;
  store: EventStore;
  log: Logger;
}): Projector {
  const { log, pool, projections, store } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let feed: LogFeed | undefined;
  let workers: Promise<unknown> | undefined;

  const work = async (projection: AnyProjection, logFeed: LogFeed): Promise<void> => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const generation = ours(await listGenerations(pool, projection.name), projection.version);
        if (!generation || generation.failure) await sleep(idleMs, signal);
        else if (generation.stage === 'building') await build({ pool, store, projection, log, signal }, generation);
        else await run({ pool, projection, generation, feed: logFeed, log, signal });
        failures = 0;
      } catch (error) {
        const away = isTransient(translatePostgresError(error, 'READ_MODEL_UNAVAILABLE'));
        log[away ? 'warn' : 'error']({ err: error, projection: projection.name }, 'projection broke off, trying again');
        await sleep(backoffMs(failures, { minMs: 100, maxMs: 10_000 }), signal);
      }
    }
  };

  const start = async (): Promise<void> => {
    try {
      await Promise.all(projections.map((each) => transaction(pool, (client) => register(client, each))));
    } catch (error) {
      throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
    }
    const types = [...new Set(projections.flatMap(({ handles }) => handles))];
    const opened = followLog({ store, types, log });
    feed = opened;
    workers = Promise.all(projections.map((each) => work(each, opened)));
  };

  const waitUntilLive = async (until: AbortSignal): Promise<void> => {
    while (!until.aborted) {
      const generations = await listGenerations(pool);
      const settled = generations.filter(({ failure, stage }) => stage === 'live' || (stage === 'building' && failure));
      if (projections.every(({ name }) => settled.some((each) => each.name === name))) return;
      await sleep(pollMs, until);
    }
  };

  const stop = async (): Promise<void> => {
    stopping.abort();
    await workers;
    await feed?.stop();
  };

  return { start, waitUntilLive, health: () => projectionHealth(pool, store), stop };
}

/** The generation that this version of the code keeps up to date, if there is one. */
const ours = (generations: readonly Generation[], version: number): Generation | undefined =>
  generations.find((each) => each.version === version && each.stage === 'live') ??
  generations.find((each) => each.version === version && each.stage === 'building');

/**
 * Gives a projection its first generation, or a new version one beside the live one. Code older than what is live
 * registers nothing: it stands by. What had failed is tried once more, as this process may be able to apply it.
 */
async function register(client: pg.ClientBase, projection: AnyProjection): Promise<void> {
  const { name, version } = projection;
  const generations = await lockGenerations(client, name);
  await clearFailures(client, projection);
  for (const each of generations) {
    if (each.stage === 'building' && each.version < version) await dropGeneration(client, each);
    if (each.stage === 'live' && each.version >= version) return;
  }
  if (!generations.some((each) => each.stage === 'building' && each.version === version))
    await createGeneration(client, projection);
}
