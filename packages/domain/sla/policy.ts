import type { SlaClock } from '#contracts/primitives.ts';
import type { Calendar, SlaPolicy } from '#contracts/settings.ts';
import { byOrder, type Matchable, matches } from '#packages/domain/matching.ts';
import { servicePath } from '#packages/domain/service-tree.ts';
import type { Revision, SettingsLookup } from '#packages/domain/settings.ts';
import { AppError } from '#packages/kernel/errors.ts';

/** What a clock was promised by: versions included, so that replay never depends on today's settings. */
export type Terms = {
  readonly policyId: string;
  readonly policyVersion: number;
  readonly calendarId: string;
  readonly calendarVersion: number;
  readonly targetMinutes: number;
};

const target: Record<SlaClock, (policy: SlaPolicy) => number | null> = {
  'first-response': (policy) => policy.firstResponseMinutes,
  'next-response': (policy) => policy.nextResponseMinutes,
  resolution: (policy) => policy.resolutionMinutes,
};

/** The policy in force for a ticket: the first match by ascending order whose calendar exists; null when none does. */
export function policyFor(ticket: Matchable, settings: SettingsLookup): Revision<'sla-policy'> | null {
  const services = servicePath(ticket.serviceId, settings);
  const found = byOrder(settings.inForce('sla-policy')).find(
    ({ value }) => matches(value.match, ticket, services) && settings.current('calendar', value.calendarId) !== null,
  );
  return found ?? null;
}

/** Terms of one clock under the policy in force, with its calendar; null when the ticket has no such target. */
export function termsFor(
  clock: SlaClock,
  ticket: Matchable,
  settings: SettingsLookup,
): { terms: Terms; calendar: Calendar } | null {
  const policy = policyFor(ticket, settings);
  const calendar = policy && settings.current('calendar', policy.value.calendarId);
  const targetMinutes = policy && target[clock](policy.value);
  if (!calendar || !targetMinutes) return null;
  const terms = {
    policyId: policy.id,
    policyVersion: policy.version,
    calendarId: calendar.id,
    calendarVersion: calendar.version,
    targetMinutes,
  };
  return { terms, calendar: calendar.value };
}

/** The calendar revision of some terms. Throws READ_MODEL_UNAVAILABLE when this process has not heard of it yet. */
export function calendarOf({ calendarId, calendarVersion }: Terms, settings: SettingsLookup): Calendar {
  const found = settings.revision('calendar', calendarId, calendarVersion);
  if (found) return found.value;
  throw new AppError('READ_MODEL_UNAVAILABLE', {
    detail: `Version ${calendarVersion} of calendar ${calendarId} has not arrived here yet.`,
  });
}
