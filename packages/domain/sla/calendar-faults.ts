import type { Calendar } from '#contracts/settings.ts';
import type { FieldError } from '#packages/kernel/errors.ts';
import { wallHours } from './open-hours.ts';

type Hours = Calendar['exceptions'][number]['hours'];
type Placed = { readonly from: number; readonly to: number; readonly pointer: string };

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** What is wrong with a calendar that has the right form; pointers start with `/value`. */
export function calendarFaults({ timeZone, week, exceptions }: Calendar): FieldError[] {
  const open = days.flatMap((day, index) => placed(week[day], `/value/week/${day}`, index * dayMs));
  const special = exceptions.map(({ hours }, index) => placed(hours, `/value/exceptions/${index}/hours`));
  return [
    ...(isTimeZone(timeZone) ? [] : [{ pointer: '/value/timeZone', detail: 'is not an IANA time zone' }]),
    ...(open.length > 0 ? [] : [{ pointer: '/value/week', detail: 'is never open' }]),
    ...overlaps(open, weekMs),
    ...special.flatMap((hours) => overlaps(hours)),
    ...datesGivenTwice(exceptions),
  ];
}

/** Offsets such as +03:00 are zones to Temporal, but say nothing about daylight saving. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const placed = (hours: Hours, pointer: string, offset = 0): Placed[] =>
  hours.map((interval, index) => {
    const { from, to } = wallHours(interval);
    return { from: from + offset, to: to + offset, pointer: `${pointer}/${index}` };
  });

/** Intervals that begin before the one before them has ended; in a week, Monday's first comes after Sunday's last. */
function overlaps(hours: readonly Placed[], period?: number): FieldError[] {
  const sorted = hours.toSorted((a, b) => a.from - b.from);
  const [first] = sorted;
  const following = first && period !== undefined ? [...sorted.slice(1), shifted(first, period)] : sorted.slice(1);
  return following
    .filter(({ from }, index) => from < (sorted[index]?.to ?? 0))
    .map(({ pointer }) => ({ pointer, detail: 'overlaps the interval before it' }));
}

const shifted = ({ from, to, pointer }: Placed, by: number): Placed => ({ from: from + by, to: to + by, pointer });

const datesGivenTwice = (exceptions: Calendar['exceptions']): FieldError[] =>
  exceptions.flatMap(({ date }, index) =>
    exceptions.findIndex((other) => other.date === date) < index
      ? [{ pointer: `/value/exceptions/${index}/date`, detail: 'is given twice' }]
      : [],
  );
