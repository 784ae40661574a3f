import type pg from 'pg';
import type { Logger } from 'pino';
import type { EventStore, LogPage } from '#packages/event-store/port.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
import { translatePostgresError } from '#packages/postgres/errors.ts';
import { transaction } from '#packages/postgres/transaction.ts';
import { createApply } from './apply.ts';
import type { AnyProjection } from './projection.ts';
import { type Generation, lockGeneration, moveCheckpoint, recordFailure } from './registry.ts';

/** Events of a batch: large enough to make round trips cheap, small enough to hold the lock for moments only. */
const batchSize = 1_000;

/** `advanced`: more may follow. `at-end`: nothing more for now. `changed`: another process moved it. `failed`: parked. */
export type Advance = 'advanced' | 'at-end' | 'changed' | 'failed';

/**
 * Brings one generation forward batch by batch: checkpoint locked first, events folded, rows written, checkpoint
 * moved, all in one transaction, so that each event takes effect exactly once. A batch that fails is halved until the
 * one event at fault is found; the generation is then parked there. Errors of a dependency are waited out.
 */
export function createAdvance(options: {
  pool: pg.Pool;
  read: EventStore['readAll'];
  projection: AnyProjection;
  generation: Generation;
  log: Logger;
  signal: AbortSignal;
}): { advance(): Promise<Advance>; progress(): { position: bigint; events: number } } {
  const { pool, projection, read, signal } = options;
  const log = options.log.child({ projection: projection.name, generation: options.generation.generation });
  const apply = createApply(options.generation.schema, projection);
  let current = options.generation;
  let limit = batchSize;
  let failures = 0;
  let count = 0;
  /** The page after the one being written, read meanwhile. */
  let ahead: { readonly after: bigint; readonly page: Promise<LogPage> } | undefined;

  const readAfter = (after: bigint): Promise<LogPage> => {
    if (ahead?.after === after) return ahead.page;
    return read(after, { types: projection.handles, limit });
  };

  const readAhead = (after: bigint): void => {
    const page = readAfter(after);
    ahead = { after, page };
    // Its failure counts when its turn comes.
    page.catch(() => undefined);
  };

  const commit = async (page: LogPage): Promise<boolean> => {
    if (page.events.length === 0) return moveCheckpoint(pool, current, page.scannedTo);
    return transaction(pool, async (client) => {
      const locked = await lockGeneration(client, current);
      if (locked?.position !== current.position || locked.stage !== current.stage) return false;
      const events = page.events.filter(({ position }) => !locked.skipped.has(position));
      await apply(client, events);
      return moveCheckpoint(client, locked, page.scannedTo);
    });
  };

  const fail = async (page: LogPage | undefined, cause: unknown): Promise<Advance> => {
    const error = translatePostgresError(cause, 'READ_MODEL_UNAVAILABLE');
    const transient = isTransient(error);
    const [event, ...others] = page?.events ?? [];
    if (event && others.length === 0 && !transient) {
      log.error(
        { err: cause, position: event.position, type: event.type },
        'event cannot be applied, projection parked',
      );
      await recordFailure(pool, current, { position: event.position, error: `${event.type}: ${String(cause)}` });
      return 'failed';
    }
    ahead = undefined;
    limit = Math.max(1, Math.floor((page?.events.length ?? limit) / 2));
    if (transient || !event) {
      log.warn({ err: cause, position: current.position }, 'projection cannot go on for now');
      await sleep(backoffMs(failures, { minMs: 50, maxMs: 5_000 }), signal);
      failures += 1;
    }
    return 'advanced';
  };

  const advance = async (): Promise<Advance> => {
    let page: LogPage | undefined;
    try {
      page = await readAfter(current.position);
      if (page.scannedTo > current.position) {
        if (!page.atEnd) readAhead(page.scannedTo);
        if (!(await commit(page))) return 'changed';
        current = { ...current, position: page.scannedTo };
        count += page.events.length;
      }
    } catch (cause) {
      return fail(page, cause);
    }
    limit = Math.min(batchSize, limit * 2);
    failures = 0;
    return page.atEnd ? 'at-end' : 'advanced';
  };

  return { advance, progress: () => ({ position: current.position, events: count }) };
}
