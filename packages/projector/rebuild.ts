import { AppError } from '#packages/kernel/errors.ts';
import { transaction } from '#packages/postgres/transaction.ts';
import { type Build, build } from './build.ts';
import { createGeneration, dropGeneration, lockGenerations } from './generations.ts';
import { type Generation, listGenerations, setStage } from './registry.ts';

/**
 * Builds a read model anew beside the live one and switches over; an unfinished attempt before is thrown away. Rejects
 * when an event cannot be applied, another process rebuilds the same one, or, with its reason, the signal stopped it; the
 * live one stays.
 */
export async function rebuild(options: Build): Promise<void> {
  const { pool, projection } = options;
  const generation = await transaction(pool, async (client) => {
    const before = await lockGenerations(client, projection.name);
    // Made first, or it would get the number of the one thrown away, and whoever builds that would go on with this one.
    const made = await createGeneration(client, projection);
    for (const each of before) if (each.stage === 'building') await dropGeneration(client, each);
    return made;
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
  if (outcome === 'stopped') options.signal.throwIfAborted();
  const reason = failure ? `it failed at position ${failure.position} (${failure.error})` : `it was ${outcome}`;
  throw new AppError('INTERNAL', { detail: `${projection.name} was not built: ${reason}` });
}
