import type { Kysely } from 'kysely';
import { type SlaClock, slaClocks } from '#contracts/primitives.ts';
import type { TicketCommands } from '#packages/commands/tickets.ts';
import type { BreachSla, FireTimer } from '#packages/domain/ticket/commands.ts';
import type { Position } from '#packages/event-store/port.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { startLoop } from '#packages/kernel/loop.ts';
import type { PartReadiness } from '#packages/message-bus/readiness.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import { createDeadlines, type Deadline } from './deadlines.ts';

/** Longest pause between two looks, so that a deadline that was armed meanwhile fires at most this late. */
const maxPauseMs = 5_000;
/** Shortest pause: a deadline the decider does not accept yet (its clock is behind the database's) must not spin. */
const minPauseMs = 250;
const batch = 100;
const catchUpMs = 5_000;

export type SlaTimerDeps = {
  readonly db: Kysely<ReadDatabase>;
  readonly tickets: Pick<TicketCommands, 'change'>;
  readonly watch: Pick<ProjectionWatch, 'waitFor'>;
  readonly log: Logger;
};

const isClock = (kind: Deadline['kind']): kind is SlaClock => slaClocks.some((clock) => clock === kind);

const commandFor = (kind: Deadline['kind'], dueAt: string): BreachSla | FireTimer =>
  isClock(kind)
    ? { type: 'BreachSla', data: { clock: kind, dueAt } }
    : { type: 'FireTimer', data: { timer: kind, dueAt } };

/**
 * Tells tickets whose SLA clock has run out, or whose time to return, to be closed, resolved or chased has come. Firing is safe at any time and from several timers at once: the command id
 * follows from the deadline, and the ticket ignores a deadline that is no longer armed. One it does not accept yet
 * stays in the read model and comes up again in the next turn. Lives through outages of the database.
 */
export async function startSlaTimer({ db, log, tickets, watch }: SlaTimerDeps) {
  const deadlines = createDeadlines(db);
  let fired = 0;

  const fire = async ({ dueAt, kind, ticketId, version }: Deadline): Promise<Position> => {
    // With the version, as the same due time may be armed again: a priority that is lowered after the breach and raised.
    const commandId = idFrom('sla-timer', ticketId, kind, dueAt, version);
    try {
      const outcome = await tickets.change(ticketId, commandFor(kind, dueAt), {
        commandId,
        actor: { kind: 'service', id: 'sla-timer' },
        source: 'sla-timer',
        correlationId: commandId,
        causationId: null,
      });
      fired += 1;
      return outcome.position;
    } catch (error) {
      if (isTransient(error)) throw error;
      // One ticket that refuses must not keep the others from being told.
      log.error({ err: error, ticketId, kind, dueAt }, 'a deadline could not be reported');
      return 0n;
    }
  };

  /** Goes once through everything that is due; resolves to the last log position that came of it. */
  const fireAll = async (signal: AbortSignal): Promise<Position> => {
    let last: Position = 0n;
    let after: Deadline | null = null;
    for (;;) {
      const page: readonly Deadline[] = await deadlines.passed(after, batch);
      for (const deadline of page) {
        if (signal.aborted) return last;
        const position = await fire(deadline);
        if (position > last) last = position;
      }
      after = page.at(-1) ?? null;
      if (after === null || page.length < batch) return last;
    }
  };

  const loop = startLoop({
    name: 'sla-timer',
    log,
    async turn(signal) {
      const last = await fireAll(signal);
      // Otherwise the next turn meets the same deadlines once more.
      if (last > 0n && !signal.aborted) await watch.waitFor(last, catchUpMs, ['deadlines', 'timers']);
      const ms = await deadlines.msUntilNext();
      return Math.min(maxPauseMs, Math.max(minPauseMs, ms ?? maxPauseMs));
    },
  });

  return {
    stop: () => loop.stop(),
    readiness: (): PartReadiness =>
      loop.failure() === null
        ? { ready: true, detail: 'at work' }
        : { ready: false, detail: 'cannot look for deadlines for now; the log says why' },
    status: () => ({ state: loop.failure() ?? `running, ${fired} deadlines reported`, position: null }),
  };
}
