import { type Kysely, sql } from 'kysely';
import type { SlaClock } from '#contracts/primitives.ts';
import type { TimerKind } from '#packages/domain/ticket/timers.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

/** An armed SLA clock or timer: what the command has to name, and the version of the ticket that armed it. */
export type Deadline = {
  readonly ticketId: string;
  readonly kind: SlaClock | TimerKind;
  readonly dueAt: string;
  readonly version: number;
};

export type Deadlines = {
  /** Deadlines that have passed, the oldest first, from after the given one on. */
  passed(after: Deadline | null, limit: number): Promise<readonly Deadline[]>;
  /** Milliseconds until the next one passes; null when none is armed. */
  msUntilNext(): Promise<number | null>;
};

/**
 * The to-do list of the timer. What is due is judged by the clock of the database, which all timers share: the clocks
 * of the machines they run on differ.
 */
export function createDeadlines(db: Kysely<ReadDatabase>): Deadlines {
  const clocks = () =>
    db
      .selectFrom('deadlines')
      .select(['ticket_id', sql<Deadline['kind']>`clock`.as('kind'), 'due_at', 'version'])
      .where('state', '=', 'armed')
      .where('set_aside', '=', false);
  const timers = () =>
    db
      .selectFrom('timers')
      .select(['ticket_id', sql<Deadline['kind']>`kind`.as('kind'), 'due_at', 'version'])
      .where('set_aside', '=', false);
  const armed = () => db.selectFrom(clocks().unionAll(timers()).as('armed'));
  return {
    passed: (after, limit) =>
      onReadDb(async () => {
        const due = armed()
          .select(['ticket_id', 'kind', 'due_at', 'version'])
          .where('due_at', '<=', sql<Date>`now()`)
          .orderBy('due_at')
          .orderBy('ticket_id')
          .orderBy('kind')
          .limit(limit);
        const rows = await (after === null
          ? due
          : due.where(
              sql<boolean>`(due_at, ticket_id, kind) > (${after.dueAt}::timestamptz, ${after.ticketId}::uuid, ${after.kind})`,
            )
        ).execute();
        return rows.map(({ ticket_id: ticketId, due_at: dueAt, ...row }) => ({
          ticketId,
          dueAt: textOf(dueAt),
          ...row,
        }));
      }),

    msUntilNext: () =>
      onReadDb(async () => {
        const row = await armed()
          .select(sql<number | null>`(extract(epoch from min(due_at) - now()) * 1000)::float8`.as('ms'))
          .where('due_at', '>', sql<Date>`now()`)
          .executeTakeFirst();
        return row?.ms ?? null;
      }),
  };
}

const textOf = (instant: Date): string => toTimestamp(Temporal.Instant.fromEpochMilliseconds(instant.getTime()));
