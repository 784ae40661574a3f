import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Status } from '#contracts/primitives.ts';
import type { ChangeStatus, FireTimer } from './commands.ts';
import { plain, targetOf } from './custom-status.ts';
import type { Handlers, TicketFacts } from './handlers.ts';
import { daysAfter } from './lifecycle-terms.ts';
import type { Ticket } from './state.ts';
import { statusChange } from './status-change.ts';
import type { TimerKind } from './timers.ts';

/** A customer who was reminded that often and says nothing does not want to be. */
export const maxReminders = 3;

/** Changes of status that nobody asks for; the timers make those of the second kind. For the state diagram. */
export const automaticTransitions: readonly {
  readonly from: readonly Status[];
  readonly to: Status;
  readonly when: string;
}[] = [
  { from: ['new'], to: 'open', when: 'an agent replies' },
  { from: ['pending', 'on-hold', 'resolved', 'closed'], to: 'open', when: 'the customer replies in time' },
  { from: ['pending', 'on-hold'], to: 'open', when: 'resumeAt has come' },
  { from: ['pending'], to: 'resolved', when: 'the customer has been silent too long' },
  { from: ['resolved'], to: 'closed', when: 'it was resolved long enough ago' },
];

/** The course of a ticket from new to closed. Refuses with UNKNOWN_STATUS, ILLEGAL_TRANSITION, POSTPONEMENT_INVALID. */
export const lifecycle: Handlers<ChangeStatus | FireTimer> = {
  ChangeStatus: ({ data: { to, resumeAt } }, ticket, facts) =>
    statusChange(ticket, targetOf(to, facts.settings), { reason: 'manual', resumeAt }, facts),
  FireTimer: fire,
};

/** A firing counts only for the timer that is armed now: they may come late, repeated, or of another time. */
function fire({ data: { dueAt, timer } }: FireTimer, ticket: Ticket, facts: TicketFacts): TicketEvent[] {
  const armed = ticket.lifecycle.timers[timer];
  if (armed === undefined) return [];
  const due = Temporal.Instant.from(armed);
  if (!due.equals(Temporal.Instant.from(dueAt)) || facts.now.epochMilliseconds < due.epochMilliseconds) return [];
  return act[timer](ticket, facts);
}

const act: Readonly<Record<TimerKind, (ticket: Ticket, facts: TicketFacts) => TicketEvent[]>> = {
  resume: (ticket, facts) => statusChange(ticket, plain('open'), { reason: 'resumed' }, facts),
  'auto-close': (ticket, facts) => statusChange(ticket, plain('closed'), { reason: 'auto-closed' }, facts),
  'auto-resolve': (ticket, facts) => statusChange(ticket, plain('resolved'), { reason: 'customer-silent' }, facts),
  remind: ({ lifecycle: { reminders, terms } }, { now }) => {
    const count = reminders + 1;
    const days = count < maxReminders ? (terms?.reminderDays ?? null) : null;
    return [{ type: 'TicketReminded', data: { count, nextAt: days === null ? null : daysAfter(now, days) } }];
  },
};
