import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Recorded } from '#packages/domain/decider.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import { businessTimeBetween } from '#packages/domain/sla/calendar.ts';
import { type ClockState, elapsedMs, type SlaEvent } from '#packages/domain/sla/clock.ts';
import { calendarOf } from '#packages/domain/sla/policy.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { periods } from './clock-periods.ts';
import { evolve, initial, type Ticket } from './state.ts';

type Stored = Recorded<TicketEvent> & { readonly id: string };

/** One stretch of a clock, between the events that opened and closed it. Paused and stopped time counts nothing. */
export type ClockInterval = {
  readonly state: 'running' | 'paused' | 'stopped';
  readonly openedBy: string;
  /** Null for the stretch that still goes on. */
  readonly closedBy: string | null;
  readonly from: string;
  readonly to: string;
  readonly businessMs: number;
  readonly calendarId: string;
  readonly calendarVersion: number;
};

/** One run of a clock, from its start on, with every stretch of it: the business time of those adds up to `elapsedMs`. */
export type ClockExplanation = {
  /** As the events left it: terms, phase, due date or outcome. */
  readonly state: ClockState;
  /** 1 for the first clock of its kind on this ticket; next-response has one per wait. */
  readonly cycle: number;
  readonly elapsedMs: number;
  readonly intervals: readonly ClockInterval[];
};

type Open = { readonly state: ClockInterval['state']; readonly openedBy: string; readonly from: Temporal.Instant };
type Run = { cycle: number; clock: ClockState; open: Open; readonly intervals: ClockInterval[] };

/**
 * How each SLA figure of a ticket came about, as of `now`: which events opened and closed each stretch, and what it
 * counted by which version of which calendar. Takes the whole stream in order. Runs come in the order they began.
 */
export function explainSla(
  events: Iterable<Stored>,
  settings: SettingsLookup,
  now: Temporal.Instant,
): readonly ClockExplanation[] {
  const runs: Run[] = [];
  let ticket = initial();
  for (const event of events) {
    ticket = evolve(ticket, event);
    const clock = ticket.exists && isSlaEvent(event) ? ticket.sla[event.data.clock] : undefined;
    if (!ticket.exists || !clock) continue;
    const previous = runs.findLast((run) => run.clock.clock === clock.clock);
    if (event.type === 'TicketSlaStarted') runs.push(begin(event, clock, ticket, previous, settings));
    else if (previous) advance(previous, event, clock, settings);
  }
  return runs.map((run) => explanation(run, settings, now));
}

const isSlaEvent = (event: Stored): event is Stored & Recorded<SlaEvent> => event.type.startsWith('TicketSla');
const phaseOf = ({ phase }: ClockState): Open['state'] => phase;
const instantOf = (event: Stored) => Temporal.Instant.from(event.metadata.at);

/** A clock that began late, under a policy that came late, accounts for the time it was given on its start. */
function begin(
  event: Stored,
  clock: ClockState,
  ticket: Ticket,
  previous: Run | undefined,
  settings: SettingsLookup,
): Run {
  const at = instantOf(event);
  const credited = periods(clock.clock, clock.startedAt, ticket, at).map(({ state, from, to }) =>
    interval({ state, openedBy: event.id, from }, to, event.id, clock, settings),
  );
  const cycle = (previous?.cycle ?? 0) + 1;
  return { cycle, clock, open: { state: phaseOf(clock), openedBy: event.id, from: at }, intervals: credited };
}

/** Closes the stretch that an event ends and opens the next; the terms of a stretch are those before the event. */
function advance(run: Run, event: Stored, clock: ClockState, settings: SettingsLookup): void {
  const changed = event.type === 'TicketSlaRetargeted' || clock.phase !== run.clock.phase;
  if (changed) {
    const at = instantOf(event);
    if (!run.open.from.equals(at)) run.intervals.push(interval(run.open, at, event.id, run.clock, settings));
    run.open = { state: phaseOf(clock), openedBy: event.id, from: at };
  }
  run.clock = clock;
}

function explanation(
  { cycle, clock, open, intervals }: Run,
  settings: SettingsLookup,
  now: Temporal.Instant,
): ClockExplanation {
  const last = clock.phase === 'stopped' ? [] : [interval(open, now, null, clock, settings)];
  const elapsed = elapsedMs(clock, calendarOf(clock, settings), now);
  return { state: clock, cycle, elapsedMs: elapsed, intervals: [...intervals, ...last] };
}

function interval(
  { state, openedBy, from }: Open,
  to: Temporal.Instant,
  closedBy: string | null,
  clock: ClockState,
  settings: SettingsLookup,
): ClockInterval {
  const { calendarId, calendarVersion } = clock;
  const businessMs = state === 'running' ? businessTimeBetween(calendarOf(clock, settings), from, to) : 0;
  const [start, end] = [toTimestamp(from), toTimestamp(to)];
  return { state, openedBy, closedBy, from: start, to: end, businessMs, calendarId, calendarVersion };
}
