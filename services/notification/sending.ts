import type { Kysely } from 'kysely';
import type { Position } from '#packages/event-store/port.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { type Loop, startLoop } from '#packages/kernel/loop.ts';
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

/** Sends what is due, again and again, in turns of bounded size: at once when woken, and when the next mail is due. */
export function startSending(deps: {
  db: Kysely<ReadDatabase>;
  watch: Pick<ProjectionWatch, 'waitFor'>;
  send: (id: string, signal: AbortSignal) => Promise<Position>;
  log: Logger;
}): Loop {
  const { db, log, send, watch } = deps;
  const due = createDueMail(db);

  /** Resolves to the last position put on record. One mail that rejects ends the turn, after those in hand. */
  const sendAll = async (ids: readonly string[], signal: AbortSignal): Promise<Position> => {
    const waiting = [...ids];
    let last: Position = 0n;
    const work = async (): Promise<void> => {
      for (let id = waiting.shift(); id !== undefined && !signal.aborted; id = waiting.shift()) {
        const position = await send(id, signal);
        if (position > last) last = position;
      }
    };
    const workers = await Promise.allSettled(Array.from({ length: concurrency }, work));
    for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
    return last;
  };

  return startLoop({
    name: 'sending',
    log,
    async turn(signal) {
      const ids = await due.ids(batch);
      const last = await sendAll(ids, signal);
      // Otherwise the next turn finds the same mails due once more.
      const shown = last === 0n || signal.aborted || (await watch.waitFor(last, catchUpMs, ['outbound-mail']));
      if (ids.length === batch && last > 0n && shown) return 0;
      const ms = await due.msUntilNext();
      return Math.min(maxPauseMs, Math.max(minPauseMs, ms ?? maxPauseMs));
    },
  });
}
