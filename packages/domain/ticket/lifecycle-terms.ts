import type { LifecycleTerms } from '#contracts/events/ticket-lifecycle.ts';
import type { Status } from '#contracts/primitives.ts';
import type { LifecyclePolicy } from '#contracts/settings-lifecycle.ts';
import { byOrder, matches } from '#packages/domain/matching.ts';
import type { Revision, SettingsLookup } from '#packages/domain/settings.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import type { Ticket } from './state.ts';
import { isDone } from './status.ts';

type Facts = { readonly now: Temporal.Instant; readonly settings: SettingsLookup };

/** Days of the policies are days of 24 hours: an instant so many of them after another (RFC 3339). */
export const daysAfter = (since: string | Temporal.Instant, days: number): string =>
  toTimestamp(Temporal.Instant.from(since.toString()).add({ hours: 24 * days }));

/** The policy in force for a ticket: the first match by ascending order; null when none matches. */
const policyFor = (ticket: Ticket, settings: SettingsLookup): Revision<'lifecycle-policy'> | null =>
  byOrder(settings.inForce('lifecycle-policy')).find(({ value }) => matches(value.match, ticket)) ?? null;

/**
 * What the policy in force gives a ticket that goes to another category. A ticket that is closed after it was resolved
 * keeps what was decided then: closing it neither shortens nor prolongs the time in which customers may reopen it.
 * @param postponed it returns by itself, so it is not resolved for want of an answer before
 * @returns null when no policy applies, or none has anything to say about that category
 */
export function termsFor(
  ticket: Ticket,
  category: Status,
  { now, settings }: Facts,
  { postponed }: { postponed: boolean },
): LifecycleTerms | null {
  const { doneSince, terms } = ticket.lifecycle;
  if (category === 'closed' && doneSince !== null && terms) return { ...terms, closesAt: null };
  const policy = isDone(category) || category === 'pending' ? policyFor(ticket, settings) : null;
  if (!policy) return null;
  const decided = { ...noTerms, policyId: policy.id, policyVersion: policy.version };
  if (category === 'pending') return pendingTerms(decided, policy.value, now, postponed);
  const { autoCloseDays, reopenDays } = policy.value;
  return {
    ...decided,
    reopenUntil: reopenDays === null ? null : daysAfter(doneSince ?? now, reopenDays),
    closesAt: category === 'closed' || autoCloseDays === null ? null : daysAfter(now, autoCloseDays),
  };
}

const noTerms = { reopenUntil: null, closesAt: null, remindAt: null, reminderDays: null, resolveAt: null };

function pendingTerms(
  decided: LifecycleTerms,
  { pendingReminderDays, pendingResolveDays }: LifecyclePolicy,
  now: Temporal.Instant,
  postponed: boolean,
): LifecycleTerms | null {
  if (pendingReminderDays === undefined && pendingResolveDays === undefined) return null;
  return {
    ...decided,
    remindAt: pendingReminderDays === undefined ? null : daysAfter(now, pendingReminderDays),
    reminderDays: pendingReminderDays ?? null,
    resolveAt: pendingResolveDays === undefined || postponed ? null : daysAfter(now, pendingResolveDays),
  };
}

/**
 * When a pending ticket that no longer returns by itself is resolved for want of an answer: the silence counts from now,
 * by the revision of the policy that gave the ticket its terms.
 */
export function resolveAtOf({ lifecycle, status }: Ticket, { now, settings }: Facts): string | null {
  const { terms } = lifecycle;
  if (status !== 'pending' || !terms) return null;
  const policy = settings.revision('lifecycle-policy', terms.policyId, terms.policyVersion);
  const days = policy?.value.pendingResolveDays;
  return days === undefined ? null : daysAfter(now, days);
}
