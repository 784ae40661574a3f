import type pg from 'pg';
import type { Logger } from 'pino';
import type { EventStore } from '#packages/event-store/port.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { isSqlState, sqlState, translatePostgresError } from '#packages/postgres/errors.ts';
import { transaction } from '#packages/postgres/transaction.ts';
import { createAdvance } from './advance.ts';
import { createApply } from './apply.ts';
import { dropGeneration, finishTables, lockGenerations, switchViews } from './generations.ts';
import type { AnyProjection } from './projection.ts';
import { type Generation, listGenerations, moveCheckpoint, setStage } from './registry.ts';

/** How far a pass over the log is. */
export type Progress = {
  readonly name: string;
  readonly position: bigint;
  /** End of the log when the pass began. */
  readonly head: bigint;
  /** Events folded so far. */
  readonly events: number;
};
export type OnProgress = (progress: Progress) => void;

export type Build = {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly projection: AnyProjection;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly onProgress?: OnProgress | undefined;
};

/**
 * Shorter than PostgreSQL's deadlock_timeout of 1 s: when readers hold a view it is the switch that gives way and comes
 * back; no reader is ever refused, or queues behind the switch for longer than this.
 */
const lockTimeoutMs = 200;
const retryMs = 100;

/**
 * Builds a generation up to the end of the log and lets it take over from the live one. Resolves to `live`; to
 * `failed` when an event cannot be applied; to `changed` when another process took it over; to `stopped` by the signal.
 */
export async function build(
  options: Build,
  generation: Generation,
): Promise<'live' | 'failed' | 'changed' | 'stopped'> {
  const { log, onProgress, pool, projection, signal, store } = options;
  const head = await store.head();
  const { advance, progress } = createAdvance({ pool, read: store.readAll, projection, generation, log, signal });
  let finished = false;
  while (!signal.aborted) {
    const outcome = await advance();
    if (outcome === 'failed' || outcome === 'changed') return outcome;
    onProgress?.({ name: projection.name, head, ...progress() });
    if (outcome !== 'at-end') continue;
    const taken = await unlessBusy(options, generation, async () => {
      if (finished) return takeOver(options, generation);
      await finishTables(pool, generation.schema, projection);
      finished = true;
      // Live has moved on meanwhile: little must be left for the moment in which it is held still.
      return 'finished';
    });
    if (taken === 'live' || taken === 'changed') return taken;
    if (taken === 'busy') await sleep(retryMs, signal);
  }
  return 'stopped';
}

/** What cannot be done just now is `busy`, and nothing has happened. A generation that is gone is `changed`. */
async function unlessBusy<T>(
  { log, pool, projection: { name } }: Build,
  { generation }: Generation,
  work: () => Promise<T>,
): Promise<T | 'busy' | 'changed'> {
  try {
    return await work();
  } catch (error) {
    if (isSqlState(error, sqlState.lockNotAvailable)) return 'busy';
    if (isTransient(translatePostgresError(error, 'READ_MODEL_UNAVAILABLE'))) {
      log.warn({ err: error, projection: name }, 'read model not switched for now');
      return 'busy';
    }
    const generations = await listGenerations(pool, name);
    if (generations.every((each) => each.generation !== generation)) return 'changed';
    throw error;
  }
}

/**
 * Makes the built generation the live one in one transaction: the live one is held still, what it is ahead is applied,
 * the views are switched. Fails with lock_not_available while readers hold a view or somebody else is at it.
 */
async function takeOver(
  { log, pool, projection, store }: Build,
  { generation }: Generation,
): Promise<'live' | 'changed'> {
  const { name } = projection;
  return transaction(pool, async (client) => {
    await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
    const generations = await lockGenerations(client, name);
    const to = generations.find((each) => each.generation === generation);
    if (to?.stage === 'live') return 'live';
    if (to?.stage !== 'building') return 'changed';
    const from = generations.find(({ stage }) => stage === 'live');
    await catchUp(client, store, projection, to, from?.position ?? 0n);
    await switchViews(client, projection, { from, to });
    if (from) await setStage(client, from, 'retired');
    await setStage(client, to, 'live');
    // One generation to go back to is enough.
    for (const each of generations) if (each.stage === 'retired') await dropGeneration(client, each);
    log.info({ projection: name, from: from?.generation, to: generation }, 'read model switched');
    return 'live';
  });
}

/** Applies what the live generation has and this one has not; with its row locked, the live one stands still. */
async function catchUp(
  client: pg.ClientBase,
  store: EventStore,
  projection: AnyProjection,
  building: Generation,
  target: bigint,
): Promise<void> {
  const apply = createApply(building.schema, projection);
  let { position } = building;
  while (position < target) {
    const page = await store.readAll(position, { types: projection.handles });
    await apply(
      client,
      page.events.filter((event) => !building.skipped.has(event.position)),
    );
    position = page.scannedTo;
    if (page.atEnd) break;
  }
  if (position > building.position) await moveCheckpoint(client, building, position);
}
