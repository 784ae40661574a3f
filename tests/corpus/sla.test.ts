import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Calendar } from '#contracts/settings.ts';
import {
  addBusinessTime,
  businessTimeBetween,
  isOpen,
  nextClose,
  nextOpen,
  openIntervals,
  previousOpen,
  subtractBusinessTime,
} from '#packages/domain/sla/calendar.ts';
import { instantOf } from '#packages/domain/sla/open-hours.ts';

/** Business hours facts from the tests of three public libraries; see the README of the corpus. */
type Span = [from: string, to: string];
type SourceCalendar = {
  timezone: string;
  hours: Record<'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun', Span[]>;
  holidays: string[];
  recurring_holidays: string[];
};
type Row = { id: string; op: string; calendar: string | null; tags?: string[]; start: string } & Record<
  string,
  unknown
>;

const folder = resolve(process.env['CORPUS_DIR'] ?? '../shared/corpus', 'sla');
const present = existsSync(folder);
if (!present) console.warn(`skipped tests/corpus/sla.test.ts: no corpus at ${folder} (set CORPUS_DIR)`);
const read = <T>(file: string): T => JSON.parse(readFileSync(resolve(folder, file), 'utf8')) as T;
const rows = present ? read<Row[]>('facts.json') : [];
const sources = present ? read<Record<string, SourceCalendar>>('calendars.json') : {};

/** Where the sources disagree with each other, and what we chose. */
const deviations = [
  {
    reason: 'a reversed interval is negative here, as in business_time and working_hours; biz counts 0',
    applies: (row: Row) =>
      row.op === 'elapsed' && row.tags?.includes('reversed') && row['expect_elapsed_seconds'] === 0,
  },
  {
    reason: 'the closing instant is closed here, as in working_hours; biz counts it as open',
    applies: (row: Row) => row.op === 'is_open' && row.tags?.includes('boundary') && row['expect_open'] === true,
  },
];

const calendars = new Map(Object.entries(sources).map(([name, source]) => [name, toCalendar(name, source)]));

function toCalendar(name: string, { timezone, hours, holidays, recurring_holidays }: SourceCalendar): Calendar {
  const day = (spans: Span[]) => spans.map(([from, to]) => ({ from, to }));
  const years = Array.from({ length: 80 }, (_, index) => 1970 + index);
  const yearly = recurring_holidays.flatMap((date) => years.map((year) => `${year}-${date.slice(-5)}`));
  return {
    name,
    timeZone: timezone,
    week: {
      monday: day(hours.mon),
      tuesday: day(hours.tue),
      wednesday: day(hours.wed),
      thursday: day(hours.thu),
      friday: day(hours.fri),
      saturday: day(hours.sat),
      sunday: day(hours.sun),
    },
    holidays: [...holidays, ...yearly],
    exceptions: [],
  };
}

const instant = (text: unknown) => Temporal.Instant.from(String(text));
const seconds = (text: unknown) => Number(text) * 1000;
const text = (value: Temporal.Instant | null) => value && instant(value).toString();

/** What we compute for a row, and what its source says, in one form. */
function answer(row: Row): { actual: unknown; expected: unknown } {
  if (row.op === 'local_to_utc') {
    const [date = '', time = ''] = String(row['wall_time']).split('T');
    return { actual: text(instantOf(String(row['timezone']), date, time)), expected: text(instant(row['expect_utc'])) };
  }
  const calendar = calendars.get(row.calendar ?? '');
  if (!calendar) throw new Error(`${row.id} names an unknown calendar ${row.calendar}`);
  const start = instant(row.start);
  switch (row.op) {
    case 'due': {
      const due = addBusinessTime(calendar, start, seconds(row['target_seconds']));
      return { actual: text(due), expected: text(instant(row['expect_due'])) };
    }
    case 'due_backwards': {
      const due = subtractBusinessTime(calendar, start, seconds(row['target_seconds']));
      return { actual: text(due), expected: text(instant(row['expect_due'])) };
    }
    case 'elapsed': {
      const actual = businessTimeBetween(calendar, start, instant(row['end']));
      return { actual, expected: seconds(row['expect_elapsed_seconds']) };
    }
    case 'is_open':
      return { actual: isOpen(calendar, start), expected: row['expect_open'] };
    case 'next_open':
      return { actual: text(nextOpen(calendar, start)), expected: text(instant(row['expect_instant'])) };
    case 'next_close':
      return { actual: text(nextClose(calendar, start)), expected: text(instant(row['expect_instant'])) };
    case 'previous_open':
      return { actual: text(previousOpen(calendar, start)), expected: text(instant(row['expect_instant'])) };
    case 'open_intervals':
      return intervals(calendar, row);
    default:
      throw new Error(`${row.id} asks for an unknown operation ${row.op}`);
  }
}

/** The sources list so many intervals forward or backward from an instant; ours lists those between two instants. */
function intervals(calendar: Calendar, row: Row) {
  const expected = (row['expect_intervals'] as Span[]).map((span) => span.map((end) => text(instant(end))));
  const last = (row['expect_intervals'] as Span[]).at(-1) ?? [row.start, row.start];
  const forward = row['direction'] === 'forward';
  const found = forward
    ? openIntervals(calendar, instant(row.start), instant(last[1]))
    : openIntervals(calendar, instant(last[0]), instant(row.start)).toReversed();
  return { actual: found.map(({ from, to }) => [text(from), text(to)]), expected };
}

describe.skipIf(!present)('business hours of the corpus', () => {
  const deviating = rows.filter((row) => deviations.some(({ applies }) => applies(row)));
  const agreeing = rows.filter((row) => !deviating.includes(row));

  test.each(agreeing)('$id $op $source: $test', (row) => {
    const { actual, expected } = answer(row);
    expect(actual).toEqual(expected);
  });

  test.each(deviating)('$id deviates knowingly', (row) => {
    const { actual, expected } = answer(row);
    expect(actual).not.toEqual(expected);
  });

  test('nearly every row is asserted as its source says', () => {
    expect(agreeing.length).toBeGreaterThanOrEqual(Math.max(20, rows.length * 0.95));
  });
});
