import type { Calendar } from '#contracts/settings.ts';
import { isOpen, nextOpen } from '#packages/domain/sla/calendar.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';

/** What it depends on whether an agent is given tickets. */
export type Workload = {
  readonly absences: readonly { readonly from: string; readonly to: string }[];
  /** Null: the agent works at any hour. */
  readonly calendar: Calendar | null;
  /** Null: no bound. */
  readonly maxOpenTickets: number | null;
  readonly openTickets: number;
};

export type Unavailable = {
  readonly reason: 'absent' | 'outside hours' | 'at capacity';
  /** RFC 3339; null: nobody can say. */
  readonly until: string | null;
};

/** Why an agent is given no tickets at an instant; null: they are. People may still hand them some. */
export function unavailable(
  { absences, calendar, maxOpenTickets, openTickets }: Workload,
  at: Temporal.Instant,
): Unavailable | null {
  const now = toTimestamp(at);
  const absence = absences.find(({ from, to }) => from <= now && now < to);
  if (absence) return { reason: 'absent', until: absence.to };
  if (calendar && !isOpen(calendar, at)) {
    const opens = nextOpen(calendar, at);
    return { reason: 'outside hours', until: opens && toTimestamp(opens) };
  }
  const full = maxOpenTickets !== null && openTickets >= maxOpenTickets;
  return full ? { reason: 'at capacity', until: null } : null;
}
