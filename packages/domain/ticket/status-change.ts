import type { TicketEvent } from '#contracts/events/ticket.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { checkTransition, type StatusTarget } from './custom-status.ts';
import type { TicketFacts } from './handlers.ts';
import { resolveAtOf, termsFor } from './lifecycle-terms.ts';
import type { Ticket } from './state.ts';

type Change = Extract<TicketEvent, { type: 'TicketStatusChanged' }>['data'];

/** Longest that a ticket may be set aside: a date beyond is a slip of the pen more often than a plan. */
export const maxPostponementDays = 366;

/**
 * The event that takes a ticket to a status, or that changes only when it returns; none when there is nothing to change.
 * @param resumeAt when it opens by itself (RFC 3339), null for never; undefined leaves it as it is within a category
 * @throws ILLEGAL_TRANSITION, POSTPONEMENT_INVALID
 */
export function statusChange(
  ticket: Ticket,
  to: StatusTarget,
  { reason, resumeAt }: { reason: Change['reason']; resumeAt?: string | null | undefined },
  facts: TicketFacts,
): TicketEvent[] {
  const { lifecycle, status: from } = ticket;
  const present = lifecycle.timers.resume ?? null;
  const stays = from === to.category;
  checkTransition(from, to, facts.settings);
  const returns = resumeAt === undefined ? (stays ? present : null) : readResumeAt(resumeAt, to, facts.now);
  if (stays && lifecycle.custom?.id === to.custom?.id)
    return returns === present ? [] : [postponed(ticket, returns, facts)];
  const terms = stays
    ? termsKept(ticket, returns, facts)
    : termsFor(ticket, to.category, facts, { postponed: !!returns });
  const data: Change = {
    from,
    to: to.category,
    reason,
    ...(to.custom && { statusId: to.custom.id, statusVersion: to.custom.version }),
    ...(returns !== null && { resumeAt: returns }),
    ...(terms && { terms }),
  };
  return [{ type: 'TicketStatusChanged', data }];
}

function postponed(ticket: Ticket, resumeAt: string | null, facts: TicketFacts): TicketEvent {
  const resolveAt = resumeAt === null ? resolveAtOf(ticket, facts) : null;
  return { type: 'TicketPostponed', data: { resumeAt, resolveAt } };
}

/** Within a category the terms stay, with the timers as they stand now. */
function termsKept(ticket: Ticket, resumeAt: string | null, facts: TicketFacts): Change['terms'] | null {
  const { terms, timers } = ticket.lifecycle;
  if (!terms) return null;
  const resolveAt = resumeAt === null ? (timers['auto-resolve'] ?? resolveAtOf(ticket, facts)) : null;
  return { ...terms, closesAt: timers['auto-close'] ?? null, remindAt: timers.remind ?? null, resolveAt };
}

/** The instant in the form of the log. Throws POSTPONEMENT_INVALID. */
function readResumeAt(resumeAt: string | null, { category }: StatusTarget, now: Temporal.Instant): string | null {
  if (resumeAt === null) return null;
  const instant = instantOf(resumeAt);
  if (category !== 'pending' && category !== 'on-hold') throw refused('is for tickets that are pending or on hold');
  if (instant === null) throw refused('must be an instant');
  if (Temporal.Instant.compare(instant, now) <= 0) throw refused('must lie in the future');
  const latest = now.add({ hours: 24 * maxPostponementDays });
  if (Temporal.Instant.compare(instant, latest) > 0) throw refused(`must lie within ${maxPostponementDays} days`);
  return toTimestamp(instant);
}

/** Null for text that has the form of a date and is none, such as a 30th of February. */
function instantOf(text: string): Temporal.Instant | null {
  try {
    return Temporal.Instant.from(text);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const refused = (detail: string): AppError =>
  new AppError('POSTPONEMENT_INVALID', { detail: `resumeAt ${detail}.`, fields: [{ pointer: '/resumeAt', detail }] });
