import type { Calendar } from '#contracts/settings.ts';
import { dayOf, type Interval, openHours, openOn } from './open-hours.ts';

/**
 * Business hours arithmetic over calendars that the setting decider has accepted. Business time is real time that
 * passes while the calendar is open: a day open all day has 25 hours of it when the clocks go back. Opening instants
 * are open, closing instants are not. Instants count to the millisecond, as in the log.
 */

/** Where the search for open time gives up. Only a calendar of nothing but closed dates gets there. */
const horizonDays = 20 * 366;

type Instant = Temporal.Instant;
const toInstant = (ms: number): Instant => Temporal.Instant.fromEpochMilliseconds(ms);

/** Open time after an instant, cut at it and at midnights, ascending, up to the horizon. */
function* openAfter(calendar: Calendar, at: number): Generator<Interval> {
  const hours = openHours(calendar);
  const first = dayOf(hours, at);
  for (let day = first; day < first + horizonDays; day++)
    for (const [from, to] of openOn(hours, day)) if (to > at) yield [Math.max(from, at), to];
}

/** Open time before an instant, cut at it and at midnights, descending, down to the horizon. */
function* openBefore(calendar: Calendar, at: number): Generator<Interval> {
  const hours = openHours(calendar);
  const last = dayOf(hours, at);
  for (let day = last; day > last - horizonDays; day--)
    for (const [from, to] of openOn(hours, day).toReversed()) if (from < at) yield [from, Math.min(to, at)];
}

/**
 * The instant by which `ms` of business time have passed since `start`; negative goes back. The end of open time is
 * given as the closing instant, not as the next opening. Null when 20 years do not hold that much.
 */
export function addBusinessTime(calendar: Calendar, start: Instant, ms: number): Instant | null {
  if (ms < 0) return subtractBusinessTime(calendar, start, -ms);
  if (ms === 0) return start;
  let left = ms;
  for (const [from, to] of openAfter(calendar, start.epochMilliseconds)) {
    if (left <= to - from) return toInstant(from + left);
    left -= to - from;
  }
  return null;
}

/** The instant since which `ms` of business time have passed at `end`; the counterpart of addBusinessTime. */
export function subtractBusinessTime(calendar: Calendar, end: Instant, ms: number): Instant | null {
  if (ms < 0) return addBusinessTime(calendar, end, -ms);
  if (ms === 0) return end;
  let left = ms;
  for (const [from, to] of openBefore(calendar, end.epochMilliseconds)) {
    if (left <= to - from) return toInstant(to - left);
    left -= to - from;
  }
  return null;
}

/** Business ms from a to b, negative when b is before a, so that between(a, b) + between(b, c) = between(a, c). */
export function businessTimeBetween(calendar: Calendar, a: Instant, b: Instant): number {
  const [from, to] = [a.epochMilliseconds, b.epochMilliseconds];
  return from <= to ? openTime(calendar, from, to) : 0 - openTime(calendar, to, from);
}

function openTime(calendar: Calendar, from: number, to: number): number {
  const hours = openHours(calendar);
  const last = dayOf(hours, to);
  let sum = 0;
  for (let day = dayOf(hours, from); day <= last; day++)
    for (const open of openOn(hours, day)) sum += Math.max(0, Math.min(open[1], to) - Math.max(open[0], from));
  return sum;
}

/** True from the opening instant up to, not including, the closing instant. */
export function isOpen(calendar: Calendar, at: Instant): boolean {
  const hours = openHours(calendar);
  const ms = at.epochMilliseconds;
  return openOn(hours, dayOf(hours, ms)).some(([from, to]) => from <= ms && ms < to);
}

/** The instant itself when it is open, else the next opening; null when none is within the horizon. */
export function nextOpen(calendar: Calendar, at: Instant): Instant | null {
  for (const [from] of openAfter(calendar, at.epochMilliseconds)) return toInstant(from);
  return null;
}

/** The next closing instant after `at`; null for a calendar that is always open, or never. */
export function nextClose(calendar: Calendar, at: Instant): Instant | null {
  let close: number | null = null;
  for (const [from, to] of openAfter(calendar, at.epochMilliseconds)) {
    if (close !== null && from > close) return toInstant(close);
    close = to;
  }
  return null;
}

/** The last instant up to `at` at which business time was passing: `at` itself, or the closing instant before it. */
export function previousOpen(calendar: Calendar, at: Instant): Instant | null {
  for (const [, to] of openBefore(calendar, at.epochMilliseconds)) return toInstant(to);
  return null;
}

/** Open time between two instants, ascending; intervals that touch (at midnight) are given as one. */
export function openIntervals(
  calendar: Calendar,
  from: Instant,
  to: Instant,
): readonly { from: Instant; to: Instant }[] {
  const intervals: { from: Instant; to: Instant }[] = [];
  for (const [start, end] of openAfter(calendar, from.epochMilliseconds)) {
    if (start >= to.epochMilliseconds) break;
    const until = toInstant(Math.min(end, to.epochMilliseconds));
    const last = intervals.at(-1);
    if (last?.to.epochMilliseconds === start) last.to = until;
    else intervals.push({ from: toInstant(start), to: until });
  }
  return intervals;
}
