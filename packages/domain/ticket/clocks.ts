import type { TicketEvent } from '#contracts/events/ticket.ts';
import { type SlaClock, slaClocks } from '#contracts/primitives.ts';
import type { Calendar } from '#contracts/settings.ts';
import { matchAlike } from '#packages/domain/matching.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import { addBusinessTime } from '#packages/domain/sla/calendar.ts';
import {
  breachOf,
  type ClockState,
  elapsedMs,
  isActive,
  isPast,
  type SlaEvent,
  targetMs,
} from '#packages/domain/sla/clock.ts';
import { calendarOf, type Terms, termsFor } from '#packages/domain/sla/policy.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { counted, pauses } from './clock-periods.ts';
import { isConversation, matchableOf, type Ticket } from './state.ts';
import { isDone } from './status.ts';

export type ClockFacts = { readonly now: Temporal.Instant; readonly settings: SettingsLookup };

/** The clock events that one event of a ticket brings about. `before` and `after` are the ticket around that event. */
export function clockEvents(before: Ticket | null, event: TicketEvent, after: Ticket, facts: ClockFacts): SlaEvent[] {
  switch (event.type) {
    case 'TicketCreated':
      return [...begin('first-response', after, facts), ...begin('resolution', after, facts)];
    case 'TicketCommented':
      return isConversation(event.data) ? onMessage(after, event.data.authorRole, facts) : [];
    case 'TicketStatusChanged':
      return before ? onStatus(before, after, facts) : [];
    case 'TicketPriorityChanged':
    case 'TicketCompanyChanged':
    case 'TicketServiceChanged':
      return before && isRetimed(before, after) ? slaClocks.flatMap((clock) => retime(clock, after, facts)) : [];
    default:
      return [];
  }
}

/** An agent's message fulfils the response clocks; a customer's message starts the wait for the next response. */
function onMessage(ticket: Ticket, author: 'customer' | 'agent', facts: ClockFacts): SlaEvent[] {
  const { 'first-response': first, 'next-response': next } = ticket.sla;
  if (author === 'agent') return [first, next].flatMap((clock) => stop(clock, 'fulfilled', facts));
  return isSetAside(ticket) ? [] : beginWait(ticket, facts);
}

function onStatus(before: Ticket, after: Ticket, facts: ClockFacts): SlaEvent[] {
  const moved = slaClocks.flatMap((clock) => move(after.sla[clock], before, after, facts));
  return isSetAside(before) && !isSetAside(after) ? [...beginWait(after, facts), ...moved] : moved;
}

/** True while nobody is expected to answer; a wait that begins then is timed from when the ticket is taken up again. */
const isSetAside = ({ status }: Ticket): boolean => isDone(status) || pauses('next-response', status);

/** Starts the clock of a wait that has none. One that it has goes on by itself. */
const beginWait = (ticket: Ticket, facts: ClockFacts): SlaEvent[] =>
  ticket.sla['next-response']?.startedAt === ticket.awaitingReplySince ? [] : begin('next-response', ticket, facts);

function move(clock: ClockState | undefined, before: Ticket, after: Ticket, facts: ClockFacts): SlaEvent[] {
  if (!clock) return [];
  if (isDone(after.status)) return stop(clock, clock.clock === 'resolution' ? 'fulfilled' : 'cancelled', facts);
  if (clock.phase === 'stopped') return isDone(before.status) ? reopen(clock, after, facts) : [];
  const waits = pauses(clock.clock, after.status);
  if (clock.phase === 'running') return waits ? pause(clock, facts) : [];
  return waits ? [] : resume(clock, facts);
}

/** A reopened ticket goes on with the time it had used, whatever its age: the time it was resolved does not count. */
function reopen(clock: ClockState, ticket: Ticket, facts: ClockFacts): SlaEvent[] {
  if (clock.phase !== 'stopped' || !clock.byResolution || owedSince(clock.clock, ticket) !== clock.startedAt) return [];
  const waits = pauses(clock.clock, ticket.status);
  const again: SlaEvent[] = waits ? pause(clock, facts) : resume(clock, facts);
  const active: ClockState = { ...clock, phase: 'paused' };
  return matchAlike(clock.chosenFor, matchableOf(ticket)) ? again : [...again, ...retarget(active, ticket, facts)];
}

/** True when another policy may match. While the ticket is done no clock runs; reopening it looks again. */
const isRetimed = (before: Ticket, after: Ticket): boolean =>
  !isDone(after.status) && !matchAlike(matchableOf(before), matchableOf(after));

/** Elapsed time is kept; a ticket that had no such target gets one as if its policy had applied from the start. */
function retime(clock: SlaClock, ticket: Ticket, facts: ClockFacts): SlaEvent[] {
  const state = ticket.sla[clock];
  return isActive(state) ? retarget(state, ticket, facts) : begin(clock, ticket, facts);
}

/** Since when the customer is owed what a clock measures; null when nothing is owed. */
function owedSince(clock: SlaClock, ticket: Ticket): string | null {
  switch (clock) {
    case 'first-response':
      return ticket.repliedAt === null ? ticket.createdAt : null;
    case 'next-response':
      return ticket.awaitingReplySince;
    case 'resolution':
      return ticket.createdAt;
    default:
      return clock satisfies never;
  }
}

/** Starts a clock from when its time began to count, which is before now when the policy comes late. */
function begin(clock: SlaClock, ticket: Ticket, facts: ClockFacts): SlaEvent[] {
  const startedAt = owedSince(clock, ticket);
  const found = termsFor(clock, matchableOf(ticket), facts.settings);
  if (startedAt === null || !found) return [];
  const elapsed = counted(clock, startedAt, ticket, found.calendar, facts.now);
  const dueAt = dueDate(found.terms, elapsed, found.calendar, facts.now);
  if (dueAt === null) return [];
  const started: SlaEvent = { type: 'TicketSlaStarted', data: { ...found.terms, clock, startedAt, dueAt } };
  if (!pauses(clock, ticket.status)) return [started];
  return [started, { type: 'TicketSlaPaused', data: { clock, elapsedMs: elapsed } }];
}

function stop(clock: ClockState | undefined, how: 'fulfilled' | 'cancelled', facts: ClockFacts): SlaEvent[] {
  if (!isActive(clock)) return [];
  const breach = overdue(clock, facts);
  const late = clock.breached || breach.length > 0;
  const outcome = how === 'cancelled' ? 'cancelled' : late ? 'late' : 'met';
  const elapsed = elapsedMs(clock, calendarOf(clock, facts.settings), facts.now);
  return [...breach, { type: 'TicketSlaStopped', data: { clock: clock.clock, outcome, elapsedMs: elapsed } }];
}

function pause(clock: ClockState, facts: ClockFacts): SlaEvent[] {
  const elapsed = elapsedMs(clock, calendarOf(clock, facts.settings), facts.now);
  return [...overdue(clock, facts), { type: 'TicketSlaPaused', data: { clock: clock.clock, elapsedMs: elapsed } }];
}

function resume(clock: ClockState, facts: ClockFacts): SlaEvent[] {
  const calendar = calendarOf(clock, facts.settings);
  const elapsed = elapsedMs(clock, calendar, facts.now);
  const dueAt = dueDate(clock, elapsed, calendar, facts.now);
  if (dueAt === null) return stop(clock, 'cancelled', facts);
  return [{ type: 'TicketSlaResumed', data: { clock: clock.clock, dueAt } }];
}

/** Puts an active clock on the terms that match the ticket now; without such terms it is cancelled. */
function retarget(clock: ClockState, ticket: Ticket, facts: ClockFacts): SlaEvent[] {
  const found = termsFor(clock.clock, matchableOf(ticket), facts.settings);
  if (!found) return stop(clock, 'cancelled', facts);
  if (sameTerms(clock, found.terms)) return [];
  const elapsed = elapsedMs(clock, calendarOf(clock, facts.settings), facts.now);
  const dueAt = dueDate(found.terms, elapsed, found.calendar, facts.now);
  if (dueAt === null) return stop(clock, 'cancelled', facts);
  const data = { ...found.terms, clock: clock.clock, dueAt, elapsedMs: elapsed };
  return [...overdue(clock, facts), { type: 'TicketSlaRetargeted', data }];
}

const sameTerms = (a: Terms, b: Terms): boolean =>
  a.policyId === b.policyId &&
  a.policyVersion === b.policyVersion &&
  a.calendarId === b.calendarId &&
  a.calendarVersion === b.calendarVersion;

/** Puts a breach on record that the timer has not come to, so that every late clock has one, however late the timer is. */
function overdue(clock: ClockState, facts: ClockFacts): SlaEvent[] {
  if (clock.breached || clock.phase === 'stopped') return [];
  const dueAt =
    clock.phase === 'running'
      ? clock.dueAt
      : dueDate(clock, clock.elapsedMs, calendarOf(clock, facts.settings), facts.now);
  return dueAt !== null && isPast(dueAt, facts.now) ? [breachOf(clock, dueAt)] : [];
}

/** When the target is reached if the clock runs from now on; in the past when it is overdue already. */
function dueDate(terms: Terms, elapsed: number, calendar: Calendar, now: Temporal.Instant): string | null {
  const due = addBusinessTime(calendar, now, targetMs(terms) - elapsed);
  return due && toTimestamp(due);
}
