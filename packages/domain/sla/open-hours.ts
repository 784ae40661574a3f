import type { Calendar } from '#contracts/settings.ts';

/** Half-open stretch of open time, in ms since the epoch. */
export type Interval = readonly [from: number, to: number];

type WallHours = readonly { readonly from: number; readonly to: number }[];

type OpenHours = {
  readonly timeZone: string;
  /** Monday first; in ms since local midnight, `to` beyond 24 h when the interval ends on the next day. */
  readonly week: readonly WallHours[];
  /** Hours of single dates in place of the week: exceptions, and holidays as no hours. By number of day. */
  readonly dates: ReadonlyMap<number, WallHours>;
  readonly midnights: Map<number, number>;
  readonly days: Map<number, readonly Interval[]>;
};

const dayMs = 86_400_000;
const epoch = new Temporal.PlainDate(1970, 1, 1);
/** Resolving a day costs microseconds, which add up over months; ten years of days are about a megabyte. */
const maxCachedDays = 3_660;

const cache = new WeakMap<Calendar, OpenHours>();

/** Business hours of a calendar in a form to compute with; kept as long as the calendar object lives. */
export function openHours(calendar: Calendar): OpenHours {
  let hours = cache.get(calendar);
  if (!hours) {
    hours = compile(calendar);
    cache.set(calendar, hours);
  }
  return hours;
}

function compile({ timeZone, week, holidays, exceptions }: Calendar): OpenHours {
  const { monday, tuesday, wednesday, thursday, friday, saturday, sunday } = week;
  const closed = holidays.map((date): [number, WallHours] => [dayOfDate(date), []]);
  const special = exceptions.map(({ date, hours }): [number, WallHours] => [dayOfDate(date), hours.map(wallHours)]);
  return {
    timeZone,
    week: [monday, tuesday, wednesday, thursday, friday, saturday, sunday].map((hours) => hours.map(wallHours)),
    dates: new Map([...closed, ...special]),
    midnights: new Map(),
    days: new Map(),
  };
}

/** Interval of wall-clock time, in ms since midnight of the day it begins on; past midnight when `to` <= `from`. */
export function wallHours(interval: { from: string; to: string }): { from: number; to: number } {
  const [from, to] = [wallMs(interval.from), wallMs(interval.to)];
  return { from, to: to > from ? to : to + dayMs };
}

function wallMs(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** Days are counted from 1970-01-01, which was a Thursday. */
const dayOfDate = (date: string): number => epoch.until(Temporal.PlainDate.from(date)).days;
const weekday = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** Number of the local date that an instant falls on. */
export function dayOf(hours: OpenHours, ms: number): number {
  const zoned = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(hours.timeZone);
  const day = Math.floor((ms + zoned.offsetNanoseconds / 1e6) / dayMs);
  // A clock put back at 00:01 shows the evening before once more (St. John's until 2011): that hour is the new day's.
  return ms < midnight(hours, day + 1) ? day : day + 1;
}

/**
 * Open time on one local date: disjoint, ascending, cut at the midnights, overlaps counted once. An interval belongs
 * to the day it begins on, so a night shift that began before a holiday runs to its end.
 */
export function openOn(hours: OpenHours, day: number): readonly Interval[] {
  const known = hours.days.get(day);
  if (known) return known;
  const [start, end] = [midnight(hours, day), midnight(hours, day + 1)];
  const open = union([...begunOn(hours, day - 1), ...begunOn(hours, day)], start, end);
  if (hours.days.size >= maxCachedDays) {
    hours.days.clear();
    hours.midnights.clear();
  }
  hours.days.set(day, open);
  return open;
}

/** Intervals that begin on a local date, in real time. None on a date that the zone skipped (Samoa, 2011-12-30). */
function begunOn(hours: OpenHours, day: number): Interval[] {
  const wall = hours.dates.get(day) ?? hours.week[weekday(day)] ?? [];
  if (wall.length === 0 || midnight(hours, day) === midnight(hours, day + 1)) return [];
  return wall.map(({ from, to }) => [wallTime(hours, day, from), wallTime(hours, day, to)]);
}

function union(intervals: readonly Interval[], start: number, end: number): readonly Interval[] {
  const merged: [number, number][] = [];
  for (const [from, to] of intervals.toSorted((a, b) => a[0] - b[0])) {
    const clipped: [number, number] = [Math.max(from, start), Math.min(to, end)];
    const last = merged.at(-1);
    if (clipped[0] >= clipped[1]) continue;
    if (last && clipped[0] <= last[1]) last[1] = Math.max(last[1], clipped[1]);
    else merged.push(clipped);
  }
  return merged;
}

/** First instant of a local date, which is not always 00:00: some zones change the clock at midnight. */
function midnight(hours: OpenHours, day: number): number {
  let ms = hours.midnights.get(day);
  if (ms === undefined) {
    ms = epoch.add({ days: day }).toZonedDateTime(hours.timeZone).epochMilliseconds;
    hours.midnights.set(day, ms);
  }
  return ms;
}

/** The instant of a wall-clock time; only days on which the clock changes need the time zone database for it. */
function wallTime(hours: OpenHours, day: number, ms: number): number {
  if (ms >= dayMs) return wallTime(hours, day + 1, ms - dayMs);
  const start = midnight(hours, day);
  if (midnight(hours, day + 1) - start === dayMs) return start + ms;
  return zonedTime(hours.timeZone, epoch.add({ days: day }), ms);
}

function zonedTime(timeZone: string, date: Temporal.PlainDate, ms: number): number {
  const wall = date.toPlainDateTime().add({ milliseconds: ms });
  return wall.toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/**
 * The instant that a wall clock of a zone shows a time of a date (`HH:MM` or `HH:MM:SS`, up to 24:00). A time that the
 * clock skips moves forward by the gap, one that it shows twice is the first (RFC 5545 3.3.5).
 */
export const instantOf = (timeZone: string, date: string, time: string): Temporal.Instant =>
  Temporal.Instant.fromEpochMilliseconds(zonedTime(timeZone, Temporal.PlainDate.from(date), wallMs(time)));
