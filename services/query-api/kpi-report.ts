import type { Durations, KpiQuery, KpiReport, KpiTicketsQuery, Metric } from '#contracts/api/reports.ts';
import { readDay } from '#packages/http/moments.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from './deps.ts';
import { daysDefinition, definitions } from './kpi-definitions.ts';
import { backlogNow, breaches, type DurationFigures, daily, durations, type Period } from './reads/kpi.ts';
import { type KpiTicketRow, kpiTickets } from './reads/kpi-tickets.ts';
import { loadNames } from './reads/names.ts';
import type { Page } from './reads/paging.ts';

const defaultDays = 30;
const maxDays = 366;

const refuse = (pointer: string, detail: string) =>
  new AppError('INVALID_REQUEST', { detail: 'There is no such period.', fields: [{ pointer, detail }] });

/** The period that was asked for, by default the last 30 days. Throws INVALID_REQUEST when it ends before it begins or is too long. */
export function periodOf({ from, to, group }: KpiQuery, now: Temporal.Instant): Period {
  const last = to === undefined ? now.toZonedDateTimeISO('UTC').toPlainDate() : readDay(to, 'to');
  const first = from === undefined ? last.subtract({ days: defaultDays - 1 }) : readDay(from, 'from');
  // There is no year 0 in PostgreSQL.
  if (first.year < 1) throw refuse('from', 'must not be before the year 1');
  const days = first.until(last).days + 1;
  if (days < 1) throw refuse('from', 'must not be after `to`');
  if (days > maxDays) throw refuse('from', `must be at most ${maxDays} days before \`to\``);
  return { from: first.toString(), to: last.toString(), group };
}

/** Path of the tickets that a figure of this period counts. */
const ticketsOf = (metric: Metric, { from, to, group }: Period): string => {
  const parameters = new URLSearchParams({ metric, from, to, ...(group !== undefined && { group }) });
  return `/v1/reports/kpi/tickets?${parameters.toString()}`;
};

const told = (metric: Metric, period: Period) => ({
  definition: definitions[metric],
  href: ticketsOf(metric, period),
});

const durationsOf = (figures: DurationFigures, metric: Metric, period: Period): Durations => ({
  ...figures,
  ...told(metric, period),
});

/** All figures of a period. They are computed from the same rows that the drill-down lists. */
export async function kpiReport({ db, clock }: QueryApiDeps, query: KpiQuery): Promise<KpiReport> {
  const now = clock.now();
  const period = periodOf(query, now);
  const groupId = period.group === undefined || period.group === 'none' ? null : period.group;
  const [firstResponse, resolution, breached, current, days, names] = await Promise.all([
    durations(db, 'first_response', period),
    durations(db, 'resolution', period),
    breaches(db, period),
    backlogNow(db, period, new Date(now.epochMilliseconds)),
    daily(db, period),
    loadNames(db, { groups: [groupId] }),
  ]);
  const breach = (tickets: number, metric: Metric) => ({
    tickets,
    ratio: breached.created === 0 ? null : tickets / breached.created,
    ...told(metric, period),
  });

  return {
    from: period.from,
    to: period.to,
    group: names.group(groupId),
    computedAt: toTimestamp(now),
    firstResponse: durationsOf(firstResponse, 'first-response-time', period),
    resolution: durationsOf(resolution, 'resolution-time', period),
    breaches: {
      firstResponse: breach(breached.firstResponse, 'first-response-breaches'),
      nextResponse: breach(breached.nextResponse, 'next-response-breaches'),
      resolution: breach(breached.resolution, 'resolution-breaches'),
    },
    overdueNow: { tickets: current.overdue, ...told('overdue', period) },
    backlogNow: { tickets: current.backlog, ...told('backlog', period) },
    days: [...days],
    daysDefinition,
  };
}

/** One page of the tickets behind a figure of a period. */
export function ticketsBehind(
  { db, clock }: QueryApiDeps,
  { metric, limit = 50, cursor, ...query }: KpiTicketsQuery,
): Promise<Page<KpiTicketRow>> {
  const now = clock.now();
  return kpiTickets(db, { metric, limit, now, period: periodOf(query, now), ...(cursor !== undefined && { cursor }) });
}
