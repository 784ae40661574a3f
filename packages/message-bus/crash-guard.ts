import type pg from 'pg';
import type { Logger } from 'pino';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
import { translatePostgresError } from '#packages/postgres/errors.ts';
import type { Handler } from './port.ts';

/** So often an event may be what a process was handling when it vanished. */
const maxCrashes = 3;
/** Grows with each crash, so that others in the same process get something done before the next one. */
const backoff = { minMs: 250, maxMs: 10_000 };

/** The process ended each time that it handled the event; to try it again by itself would never end. */
export class CrashLoopError extends Error {
  override readonly name = 'CrashLoopError';
}

/**
 * Ends crash loops: an event that brings the process down (out of memory, a native fault, an endless loop) is never seen to
 * fail, so nobody counts its tries. When the one before has vanished, the handler is called for one event at a time, with a
 * note in the database before and none after; what still has its note at the next start is under suspicion. Costs nothing
 * as long as processes end in peace. Rejects with READ_MODEL_UNAVAILABLE.
 */
export async function openCrashGuard(options: {
  pool: pg.Pool;
  log: Logger;
  consumer: string;
  /** Names this process; the same each time it begins anew. */
  holder: string;
  /** Where the log ends now. */
  head: bigint;
}) {
  const { consumer, head, holder, log, pool } = options;
  const ask = async <Row extends pg.QueryResultRow>(text: string, ...values: readonly unknown[]): Promise<Row[]> => {
    try {
      return (await pool.query<Row>(text, [consumer, ...values])).rows;
    } catch (error) {
      throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
    }
  };

  const [row] = await ask<{ until: bigint }>(
    `update desk.followers set
       careful_until = case when holder is null or holder = $2 then careful_until else $3 end,
       holder = $2
     where name = $1 returning careful_until as until`,
    holder,
    head,
  );
  const until = row?.until ?? 0n;
  const found = await ask<{ id: string; replayed: boolean; crashes: number }>(
    'select event_id as id, replayed, crashes from desk.suspects where consumer = $1',
  );
  const keyOf = (id: string, replayed: boolean): string => `${id} ${replayed}`;
  const crashes = new Map(found.map((each) => [keyOf(each.id, each.replayed), each.crashes]));
  let careful = until > 0n;
  if (careful)
    log.warn(
      { until, suspects: found.map(({ id }) => id) },
      'the process before ended without a word; events are handled one at a time up to where the log ends',
    );
  /** The end of those who wait to handle one at a time. */
  let queue: Promise<unknown> = Promise.resolve();

  const alone = async (
    { id }: StoredEvent,
    { replayed, signal, work }: { replayed: boolean; signal: AbortSignal; work: () => Promise<void> },
  ): Promise<void> => {
    const before = crashes.get(keyOf(id, replayed)) ?? 0;
    if (before >= maxCrashes)
      throw new CrashLoopError(`the process has ended ${before} times while it handled this event`);
    if (before > 0) await sleep(backoffMs(before, backoff), signal);
    signal.throwIfAborted();
    await ask(
      `insert into desk.suspects (consumer, event_id, replayed, crashes) values ($1, $2, $3, $4)
       on conflict (consumer, event_id, replayed) do update set crashes = excluded.crashes`,
      id,
      replayed,
      before + 1,
    );
    try {
      await work();
    } finally {
      await acquit(id, replayed);
    }
  };

  /** A note that stays costs the event at most one try when a process vanishes again. */
  const acquit = async (id: string, replayed: boolean): Promise<void> => {
    crashes.delete(keyOf(id, replayed));
    const text = 'delete from desk.suspects where consumer = $1 and event_id = $2 and replayed = $3';
    await ask(text, id, replayed).catch((error: unknown) =>
      log.warn({ err: error, event: id }, 'note of a handled event not removed'),
    );
  };

  return {
    /** Whether events are handled one at a time for now. */
    isCareful: (): boolean => careful,
    /** The handler, watched over while that is needed; with `replayed` always, as then it may be needed at any time. */
    watched:
      (handler: Handler, { replayed = false } = {}): Handler =>
      (event, context) => {
        if (!careful && !replayed) return handler(event, context);
        const work = () => handler(event, context);
        const turn = queue.then(() => alone(event, { replayed, signal: context.signal, work }));
        queue = turn.catch(() => undefined);
        return turn;
      },
    /** The next wish to have it replayed is one for a full number of tries. */
    replayFailed: (id: string): Promise<void> => acquit(id, true),
    /** Everything up to here is done. */
    reached: async (position: bigint): Promise<void> => {
      if (!careful || position < until) return;
      await ask('update desk.followers set careful_until = 0 where name = $1 and holder = $2', holder);
      // Also of those that were given up: until now they might have come again.
      await ask('delete from desk.suspects where consumer = $1 and not replayed');
      careful = false;
      log.info('events are handled side by side again');
    },
    /** This process ends in peace: no handler runs any more. */
    release: async (): Promise<void> => {
      await ask('update desk.followers set holder = null where name = $1 and holder = $2', holder);
    },
  };
}

export type CrashGuard = Awaited<ReturnType<typeof openCrashGuard>>;
