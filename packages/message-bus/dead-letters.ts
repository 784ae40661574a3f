import type pg from 'pg';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { rowsOf } from '#packages/postgres/rows.ts';

/** An event that a consumer could not handle and went on without. */
export type DeadLetter = {
  readonly consumer: string;
  readonly eventId: string;
  readonly position: bigint;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly error: string;
  readonly attempts: number;
  readonly at: Date;
};

/** The dead letters of all consumers, for operators. Rejects with READ_MODEL_UNAVAILABLE. */
export type DeadLetters = {
  /** Newest first. */
  list(options?: { consumer?: string; limit?: number }): Promise<readonly DeadLetter[]>;
  /**
   * Has the consumer try the event again, soon and in whichever process it runs; the letter goes when it succeeds and
   * comes back with the new error when it does not. Rejects with NOT_FOUND when there is no such letter.
   */
  replay(consumer: string, eventId: string): Promise<void>;
};

/** What a consumer does with its dead letters. */
export type Letters = {
  /** Keeps an event that could not be handled; a replay of it is then no longer wanted. */
  bury(event: StoredEvent, attempts: number, error: unknown): Promise<void>;
  /** Some of the letters that somebody wants replayed, with their events; null when that cannot be read. */
  wanted(): Promise<readonly { readonly eventId: string; readonly event: StoredEvent | null }[]>;
  /** The replay is no longer wanted. */
  dismiss(eventId: string): Promise<void>;
  /** Forgets a letter whose event has been handled after all. */
  remove(eventId: string): Promise<void>;
};

const columns = `consumer, event_id as "eventId", position, stream, version, type, error, attempts, at`;
const maxErrorLength = 2_000;
/** Replays that are asked for at once. */
const maxWanted = 100;

export function createDeadLetters({ pool }: { pool: pg.Pool }): DeadLetters {
  return {
    list: async ({ consumer, limit = 100 } = {}) =>
      rowsOf<DeadLetter>(
        pool,
        `select ${columns} from desk.dead_letters where $1::text is null or consumer = $1 order by at desc, event_id limit $2`,
        [consumer ?? null, limit],
      ),
    replay: async (consumer, eventId) => {
      const found = await rowsOf(
        pool,
        `update desk.dead_letters set replay_requested = true where consumer = $1 and event_id = $2 returning consumer`,
        [consumer, eventId],
      );
      if (found.length === 0) throw new AppError('NOT_FOUND', { detail: `${consumer} has no dead letter ${eventId}` });
    },
  };
}

/** The consumer's side of its dead letters. Rejects with READ_MODEL_UNAVAILABLE. */
export function createGrave(pool: pg.Pool, consumer: string) {
  return {
    /** Keeps an event that could not be handled. */
    bury: async (event: StoredEvent, attempts: number, error: unknown): Promise<void> => {
      await rowsOf(
        pool,
        `insert into desk.dead_letters (consumer, event_id, position, stream, version, type, error, attempts)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (consumer, event_id) do update
           set error = excluded.error, attempts = dead_letters.attempts + excluded.attempts, at = now(),
             replay_requested = false`,
        [
          consumer,
          event.id,
          event.position,
          event.stream,
          event.version,
          event.type,
          String(error).slice(0, maxErrorLength),
          attempts,
        ],
      );
    },
    /** Letters that somebody wants replayed, in the order of the log. */
    wanted: (): Promise<readonly Pick<DeadLetter, 'eventId' | 'stream' | 'version'>[]> =>
      rowsOf(
        pool,
        `select event_id as "eventId", stream, version from desk.dead_letters
         where consumer = $1 and replay_requested order by position, event_id limit $2`,
        [consumer, maxWanted],
      ),
    /** The replay is no longer wanted. */
    dismiss: async (eventId: string): Promise<void> => {
      await rowsOf(
        pool,
        'update desk.dead_letters set replay_requested = false where consumer = $1 and event_id = $2',
        [consumer, eventId],
      );
    },
    /** Forgets a letter whose event has been handled after all. */
    remove: async (eventId: string): Promise<void> => {
      await rowsOf(pool, 'delete from desk.dead_letters where consumer = $1 and event_id = $2', [consumer, eventId]);
    },
  };
}

export type Grave = ReturnType<typeof createGrave>;
