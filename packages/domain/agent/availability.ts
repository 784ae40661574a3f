import type { Calendar } from '#contracts/settings.ts';
import { isOpen, nextOpen } from '#packages/domain/sla/calendar.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';

type Schedule = {
  readonly absences: readonly { readonly from: string; readonly to: string; readonly deputyId: string | null }[];
  /** Null: the agent works at any hour. */
  readonly calendar: Calendar | null;
};
/** What it depends on whether an agent is given tickets. */
export type Workload = Schedule & {
  /** Null: no bound. */
  readonly maxOpenTickets: number | null;
  readonly openTickets: number;
};

/** `until`: RFC 3339; null: nobody can say. */
export type Unavailable = {
  readonly reason: 'absent' | 'outside hours' | 'at capacity';
  readonly until: string | null;
};
export type Away = {
  readonly reason: 'absent' | 'outside hours';
  readonly until: string | null;
  /** Whom to ask meanwhile. */
  readonly deputyId: string | null;
};

/** Why an agent is not at work at an instant; null: they are. */
export function awayAt({ absences, calendar }: Schedule, at: Temporal.Instant): Away | null {
  const now = toTimestamp(at);
  const absence = absences.find(({ from, to }) => from <= now && now < to);
  if (absence) return { reason: 'absent', until: absence.to, deputyId: absence.deputyId };
  if (!calendar || isOpen(calendar, at)) return null;
  const opens = nextOpen(calendar, at);
  return { reason: 'outside hours', until: opens && toTimestamp(opens), deputyId: null };
}

/** Why an agent is given no tickets at an instant; null: they are. People may still hand them some. */
export function unavailable(load: Workload, at: Temporal.Instant): Unavailable | null {
  const away = awayAt(load, at);
  if (away) return { reason: away.reason, until: away.until };
  const full = load.maxOpenTickets !== null && load.openTickets >= load.maxOpenTickets;
  return full ? { reason: 'at capacity', until: null } : null;
}
