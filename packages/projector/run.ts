import type pg from 'pg';
import type { Logger } from 'pino';
import { sleep } from '#packages/kernel/retry.ts';
import { createAdvance } from './advance.ts';
import type { LogFeed } from './feed.ts';
import type { AnyProjection } from './projection.ts';
import type { Generation } from './registry.ts';

/** When another process advances the same read model, this one stays out of its way for a moment. */
const yieldMs = 50;

/**
 * Keeps the live generation of a read model at the end of the log. Ends when it is parked at an event it cannot apply,
 * when another process moved it or switched to another generation, or when the signal aborts.
 */
export async function run(options: {
  pool: pg.Pool;
  projection: AnyProjection;
  generation: Generation;
  feed: LogFeed;
  log: Logger;
  signal: AbortSignal;
}): Promise<void> {
  const { feed, signal } = options;
  const { advance, progress } = createAdvance({ ...options, read: feed.read });
  while (!signal.aborted) {
    const outcome = await advance();
    if (outcome === 'changed') await sleep(yieldMs, signal);
    if (outcome === 'changed' || outcome === 'failed') return;
    if (outcome === 'at-end') await feed.wait(progress().position, signal);
  }
}
