import type pg from 'pg';
import type { Logger } from 'pino';
import { sleep } from '#packages/kernel/retry.ts';
import { translatePostgresError } from '#packages/postgres/errors.ts';

/** First look at once, then ever less often: projections follow the log within milliseconds, or something is wrong. */
const pollMs = { first: 4, factor: 1.5, most: 60 };

type Checkpoint = { readonly position: bigint; readonly failed: boolean };
type Waiter = { readonly names: readonly string[]; readonly position: bigint; settle(outcome: boolean | Error): void };

/** Tells readers when their own writes have reached the read models; works from any process. */
export type ProjectionWatch = {
  /**
   * Resolves to true once the live generation of each projection is at the position or past it; to false at the
   * timeout, when the signal aborts, and at once when one of them has failed and will not get there. All projections
   * unless named. Rejects with READ_MODEL_UNAVAILABLE when the database is away.
   */
  waitFor(position: bigint, timeoutMs: number, names?: readonly string[], signal?: AbortSignal): Promise<boolean>;
  /** Where the live generations are. */
  positions(): Promise<ReadonlyMap<string, bigint>>;
  close(): Promise<void>;
};

/** One poller serves all who wait, and rests while nobody does. `names` are the projections that exist. */
export function createProjectionWatch(options: {
  pool: pg.Pool;
  names: readonly string[];
  log: Logger;
}): ProjectionWatch {
  const { log, names: known, pool } = options;
  const stopping = new AbortController();
  const waiters = new Set<Waiter>();
  let polling: Promise<void> | undefined;
  let delayMs = pollMs.first;

  const checkpoints = async (): Promise<ReadonlyMap<string, Checkpoint>> => {
    try {
      const { rows } = await pool.query<{ name: string; position: bigint; failed: boolean }>({
        name: 'live-checkpoints',
        text: `select name, position, failed_position is not null as failed from desk.projections where stage = 'live'`,
      });
      return new Map(rows.map(({ name, position, failed }) => [name, { position, failed }]));
    } catch (error) {
      throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
    }
  };

  const poll = async (): Promise<void> => {
    while (waiters.size > 0) {
      try {
        const live = await checkpoints();
        for (const waiter of waiters) {
          const needed = waiter.names.map((name) => live.get(name));
          if (needed.every((each) => each && each.position >= waiter.position)) waiter.settle(true);
          else if (needed.some((each) => each?.failed && each.position < waiter.position)) waiter.settle(false);
        }
      } catch (error) {
        log.warn({ err: error, waiting: waiters.size }, 'checkpoints of the read models cannot be read');
        for (const waiter of waiters) waiter.settle(error instanceof Error ? error : new Error(String(error)));
      }
      await sleep(delayMs, stopping.signal);
      delayMs = Math.min(pollMs.most, delayMs * pollMs.factor);
    }
    polling = undefined;
  };

  const waitFor = (position: bigint, timeoutMs: number, names = known, signal?: AbortSignal): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const stranger = names.find((name) => !known.includes(name));
      if (stranger !== undefined) throw new Error(`there is no projection ${stranger}`);
      if (stopping.signal.aborted || signal?.aborted) return resolve(false);
      const waiter: Waiter = {
        names,
        position,
        settle: (outcome) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', giveUp);
          waiters.delete(waiter);
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        },
      };
      const giveUp = () => waiter.settle(false);
      const timer = setTimeout(giveUp, timeoutMs);
      signal?.addEventListener('abort', giveUp);
      waiters.add(waiter);
      delayMs = pollMs.first;
      polling ??= poll();
    });

  return {
    waitFor,
    positions: async () => new Map([...(await checkpoints())].map(([name, { position }]) => [name, position])),
    close: async () => {
      stopping.abort();
      for (const waiter of waiters) waiter.settle(false);
      await polling;
    },
  };
}
