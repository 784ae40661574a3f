import pg from 'pg';
import type { Logger } from 'pino';
import type { EventStore } from '#packages/event-store/port.ts';
import { AppError, isTransient } from '#packages/kernel/errors.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { isSqlState, sqlState, translatePostgresError } from '#packages/postgres/errors.ts';
import { transaction } from '#packages/postgres/transaction.ts';
import { createAdvance } from './advance.ts';
import { createApply } from './apply.ts';
import { createGeneration, dropGeneration, lockGenerations, switchViews } from './generations.ts';
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
  while (!signal.aborted) {
    const outcome = await advance();
    if (outcome === 'failed' || outcome === 'changed') return outcome;
    onProgress?.({ name: projection.name, head, ...progress() });
    if (outcome !== 'at-end') continue;
    const taken = await takeOver(options, generation);
    if (taken !== 'busy') return taken;
    await sleep(retryMs, signal);
  }
  return 'stopped';
}

/**
 * Makes the built generation the live one in one transaction: the live one is held still, what it is ahead is applied,
 * the views are switched. `busy` when that was not possible just now, because readers hold a view or somebody else is
 * at it; then nothing has happened.
 */
async function takeOver(
  { log, pool, projection, store }: Build,
  { generation, schema }: Generation,
): Promise<'live' | 'changed' | 'busy'> {
  const { name } = projection;
  try {
    // Before anybody reads: without statistics the first queries would be planned blindly.
    for (const table of Object.keys(projection.tables))
      await pool.query(`analyze ${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`);

    return await transaction(pool, async (client) => {
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
  } catch (error) {
    if (isSqlState(error, sqlState.lockNotAvailable)) return 'busy';
    const translated = translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
    if (!isTransient(translated)) throw error;
    log.warn({ err: error, projection: name }, 'read model not switched for now');
    return 'busy';
  }
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

/**
 * Builds a read model anew beside the live one and switches over; an unfinished attempt before is thrown away. Rejects
 * when an event cannot be applied, another process rebuilds the same one, or the signal stopped it; the live one stays.
 */
export async function rebuild(options: Build): Promise<void> {
  const { pool, projection } = options;
  const generation = await transaction(pool, async (client) => {
    for (const each of await lockGenerations(client, projection.name))
      if (each.stage === 'building') await dropGeneration(client, each);
    return createGeneration(client, projection);
  });
  await buildOrDrop(options, generation);
}

/**
 * Goes back to the generation that was live before, once what it missed has been applied. Rejects with NOT_FOUND when
 * there is none of this version of the projection.
 */
export async function rollback(options: Build): Promise<void> {
  const { pool, projection } = options;
  const generation = await transaction(pool, async (client) => {
    const generations = await lockGenerations(client, projection.name);
    const retired = generations.find(({ stage, version }) => stage === 'retired' && version === projection.version);
    if (!retired) throw new AppError('NOT_FOUND', { detail: `${projection.name} has no generation to go back to` });
    await setStage(client, retired, 'building');
    return { ...retired, stage: 'building' as const };
  });
  await buildOrDrop(options, generation);
}

async function buildOrDrop(options: Build, generation: Generation): Promise<void> {
  const { pool, projection } = options;
  const outcome = await build(options, generation);
  if (outcome === 'live') return;
  const generations = await listGenerations(pool, projection.name);
  const failure = generations.find((each) => each.generation === generation.generation)?.failure;
  // Whoever took the building over goes on with it.
  if (outcome !== 'changed') await transaction(pool, (client) => dropGeneration(client, generation));
  const reason = failure ? `it failed at position ${failure.position} (${failure.error})` : `it was ${outcome}`;
  throw new AppError('INTERNAL', { detail: `${projection.name} was not built: ${reason}` });
}
