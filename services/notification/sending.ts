import type { Kysely } from 'kysely';
import type { Position } from '#packages/event-store/port.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { type Loop, startLoop } from '#packages/kernel/loop.ts';
import { withLease } from '#packages/message-bus/lease.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import { createDueMail } from './due.ts';

/** Mails sent at once: enough that one slow server does not hold up the others, few enough for a small mail server. */
const concurrency = 4;
const batch = 20;
const maxPauseMs = 10_000;
/** Shortest pause after a turn: what is due and cannot be sent must not spin. */
const minPauseMs = 250;
const catchUpMs = 5_000;

/**
 * Sends what is due, again and again, in turns of bounded size: at once when woken, and when the next mail is due. Of
 * several processes one at a time has a turn: what is due is due for all of them, and a mail is to be sent once.
 */
export function startSending(deps: {
  /** For the lease. */
  connection: PostgresConnection;
  db: Kysely<ReadDatabase>;
  watch: Pick<ProjectionWatch, 'waitFor'>;
  send: (id: string, signal: AbortSignal) => Promise<Position>;
  log: Logger;
}): Loop {
  const { connection, db, log, send, watch } = deps;
  const due = createDueMail(db);

  /** Resolves to the last position put on record. One that rejects holds up no other; its error ends the turn. */
  const sendAll = async (ids: readonly string[], signal: AbortSignal): Promise<Position> => {
    const waiting = [...ids];
    const failures: unknown[] = [];
    let last: Position = 0n;
    const work = async (): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined && !signal.aborted; id = waiting.shift()) {
        try {
          const position = await send(id, signal);
          if (position > last) last = position;
        } catch (error) {
          failures.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    if (failures.length > 0) throw failures[0];
    return last;
  };

  /** Resolves to the ms that may pass until the next turn. */
  const turn = async (signal: AbortSignal): Promise<number> => {
    const ids = await due.ids(batch);
    const last = await sendAll(ids, signal);
    // Otherwise the next turn finds the same mails due once more.
    const shown = last === 0n || signal.aborted || (await watch.waitFor(last, catchUpMs, ['outbound-mail']));
    if (ids.length === batch && last > 0n && shown) return 0;
    const ms = await due.msUntilNext();
    return Math.min(maxPauseMs, Math.max(minPauseMs, ms ?? maxPauseMs));
  };

  return startLoop({
    name: 'sending',
    log,
    async turn(signal) {
      let pause = minPauseMs;
      await withLease({ connection, name: 'sending', log, signal }, async (held) => {
        pause = await turn(held);
      });
      return pause;
    },
  });
}
