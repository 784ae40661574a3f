import type { EventOf } from '#contracts/events/envelope.ts';
import type { ticketEvents } from '#contracts/events/ticket.ts';
import type { SlaClock } from '#contracts/primitives.ts';
import type { Calendar } from '#contracts/settings.ts';
import type { Recorded } from '#packages/domain/decider.ts';
import type { Matchable } from '#packages/domain/matching.ts';
import { businessTimeBetween } from './calendar.ts';
import type { Terms } from './policy.ts';

type ClockEvents = Pick<
  typeof ticketEvents,
  | 'TicketSlaStarted'
  | 'TicketSlaRetargeted'
  | 'TicketSlaPaused'
  | 'TicketSlaResumed'
  | 'TicketSlaBreached'
  | 'TicketSlaStopped'
>;
export type SlaEvent = EventOf<ClockEvents>;
export type Outcome = Extract<SlaEvent, { type: 'TicketSlaStopped' }>['data']['outcome'];

/** Running, paused or stopped. `elapsedMs` is business time; that of a running clock follows from its due date. */
export type ClockState = Terms & {
  readonly clock: SlaClock;
  readonly startedAt: string;
  /** What the ticket was like when the terms were chosen. */
  readonly chosenFor: Matchable;
  /** The due date of the present terms has passed and that is on record. */
  readonly breached: boolean;
} & (
    | { readonly phase: 'running'; readonly dueAt: string }
    | { readonly phase: 'paused'; readonly elapsedMs: number }
    | {
        readonly phase: 'stopped';
        readonly elapsedMs: number;
        readonly outcome: Outcome;
        /** Stopped because the ticket was done: reopening it may start the clock again. */
        readonly byResolution: boolean;
      }
  );

/** The state of one clock after an event about it. `ticket` is as it was when the event was decided. */
export function evolveClock(
  clock: ClockState | undefined,
  event: Recorded<SlaEvent>,
  ticket: { matchable: Matchable; done: boolean },
): ClockState | undefined {
  if (event.type === 'TicketSlaStarted')
    return { ...event.data, chosenFor: ticket.matchable, breached: false, phase: 'running' };
  if (!clock) return undefined;
  switch (event.type) {
    case 'TicketSlaRetargeted': {
      const { elapsedMs, dueAt, ...terms } = event.data;
      const breached = clock.breached && dueAt <= event.metadata.at;
      const common = { ...termsAndStart(clock), ...terms, chosenFor: ticket.matchable, breached };
      return clock.phase === 'paused'
        ? { ...common, phase: 'paused', elapsedMs }
        : { ...common, phase: 'running', dueAt };
    }
    case 'TicketSlaPaused':
      return { ...termsAndStart(clock), phase: 'paused', elapsedMs: event.data.elapsedMs };
    case 'TicketSlaResumed':
      return { ...termsAndStart(clock), phase: 'running', dueAt: event.data.dueAt };
    case 'TicketSlaBreached':
      return { ...clock, breached: true };
    case 'TicketSlaStopped': {
      const { elapsedMs, outcome } = event.data;
      return { ...termsAndStart(clock), phase: 'stopped', elapsedMs, outcome, byResolution: ticket.done };
    }
    default:
      return clock;
  }
}

/** The part of a clock that does not depend on its phase. */
function termsAndStart(state: ClockState) {
  const { clock, startedAt, chosenFor, breached } = state;
  const { policyId, policyVersion, calendarId, calendarVersion, targetMinutes } = state;
  const terms = { policyId, policyVersion, calendarId, calendarVersion, targetMinutes };
  return { ...terms, clock, startedAt, chosenFor, breached };
}

export const targetMs = (terms: Terms): number => terms.targetMinutes * 60_000;

/**
 * Business ms the clock has counted by `now`, pauses left out. Exact for a running clock, because its due date was
 * computed with the same calendar: what is not left until then has passed. Never negative, also when the clocks of two
 * machines disagree.
 */
export function elapsedMs(clock: ClockState, calendar: Calendar, now: Temporal.Instant): number {
  if (clock.phase !== 'running') return clock.elapsedMs;
  const left = businessTimeBetween(calendar, now, Temporal.Instant.from(clock.dueAt));
  return Math.max(0, targetMs(clock) - left);
}

export type ActiveClock = Exclude<ClockState, { phase: 'stopped' }>;

export const isActive = (clock: ClockState | undefined): clock is ActiveClock =>
  clock !== undefined && clock.phase !== 'stopped';

/**
 * True from the due instant on: the time that is promised is half-open like the hours of a calendar, so what comes at
 * that very millisecond is late, whether the timer or a reply comes first. Reports (`due_at <= now`) go by the same.
 */
export const isPast = (dueAt: string, now: Temporal.Instant): boolean =>
  now.epochMilliseconds >= Temporal.Instant.from(dueAt).epochMilliseconds;

export const breachOf = ({ clock, policyId, policyVersion }: ClockState, dueAt: string): SlaEvent => ({
  type: 'TicketSlaBreached',
  data: { clock, dueAt, policyId, policyVersion },
});
