import type { SlaClock, Status } from '#contracts/primitives.ts';
import type { Calendar } from '#contracts/settings.ts';
import { businessTimeBetween } from '#packages/domain/sla/calendar.ts';
import type { Ticket } from './state.ts';
import { isDone } from './status.ts';

/**
 * Statuses in which a clock does not run, because the desk waits for somebody else. First response never pauses: it
 * measures whether the customer has heard from a person at all, which setting a ticket aside does not change.
 */
const pausing: Readonly<Record<SlaClock, readonly Status[]>> = {
  'first-response': [],
  'next-response': ['pending', 'on-hold'],
  resolution: ['pending', 'on-hold'],
};

export const pauses = (clock: SlaClock, status: Status): boolean => pausing[clock].includes(status);

export type Period = {
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
  readonly state: 'running' | 'paused' | 'stopped';
};

/** What a clock does, by the ticket's status, from an instant (RFC 3339) until another, oldest first, without gaps. */
export function periods(clock: SlaClock, since: string, { statusHistory }: Ticket, until: Temporal.Instant): Period[] {
  const start = Temporal.Instant.from(since);
  return statusHistory.flatMap((entry, index) => {
    const next = statusHistory[index + 1];
    const to = next ? Temporal.Instant.from(next.since) : until;
    const began = Temporal.Instant.from(entry.since);
    const from = Temporal.Instant.compare(began, start) < 0 ? start : began;
    const state = isDone(entry.status) ? 'stopped' : pauses(clock, entry.status) ? 'paused' : 'running';
    return Temporal.Instant.compare(from, to) < 0 ? [{ from, to, state }] : [];
  });
}

/** Business ms a clock counts from an instant until another, without the times it is paused or stopped. */
export function counted(clock: SlaClock, since: string, ticket: Ticket, calendar: Calendar, until: Temporal.Instant) {
  const running = periods(clock, since, ticket, until).filter(({ state }) => state === 'running');
  return running.reduce((sum, { from, to }) => sum + businessTimeBetween(calendar, from, to), 0);
}
