import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Calendar } from '#contracts/settings.ts';
import {
  addBusinessTime,
  businessTimeBetween,
  isOpen,
  openIntervals,
  subtractBusinessTime,
} from '#packages/domain/sla/calendar.ts';
import { calendarFaults } from '#packages/domain/sla/calendar-faults.ts';
import { calendarOf } from '#tests/support/settings.ts';

const minute = 60_000;
const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
];

const clock = fc.integer({ min: 0, max: 24 * 4 - 1 }).map((quarter) => {
  const [hours, minutes] = [Math.floor(quarter / 4), (quarter % 4) * 15];
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
});
const hours = fc.array(fc.record({ from: clock, to: clock }), { maxLength: 3 });
const date = fc
  .integer({ min: 0, max: 90 })
  .map((days) => Temporal.PlainDate.from('2017-09-15').add({ days }).toString());
const week = fc.record({
  monday: hours,
  tuesday: hours,
  wednesday: hours,
  thursday: hours,
  friday: hours,
  saturday: hours,
  sunday: hours,
});

/** Calendars that the desk accepts, around the clock changes of autumn 2017 in all the zones. */
const calendar: fc.Arbitrary<Calendar> = fc
  .record({
    name: fc.constant('any'),
    timeZone: fc.constantFrom(...zones),
    week,
    holidays: fc.array(date, { maxLength: 4 }),
    exceptions: fc.array(fc.record({ date, hours }), { maxLength: 3 }),
  })
  .filter((value) => calendarFaults(value).length === 0);

const instant = fc
  .integer({ min: Date.parse('2017-09-15T00:00:00Z'), max: Date.parse('2017-12-15T00:00:00Z') })
  .map((ms) => Temporal.Instant.fromEpochMilliseconds(ms));
const duration = fc.integer({ min: 1, max: 200 * 60 * minute });

describe('business hours, for any calendar', () => {
  test('between is additive', () => {
    fc.assert(
      fc.property(calendar, instant, instant, instant, (value, a, b, c) => {
        expect(businessTimeBetween(value, a, b) + businessTimeBetween(value, b, c)).toBe(
          businessTimeBetween(value, a, c),
        );
      }),
    );
  });

  test('adding time and measuring it are inverse, forward and backward', () => {
    fc.assert(
      fc.property(calendar, instant, duration, (value, start, ms) => {
        const due = addBusinessTime(value, start, ms);
        const since = subtractBusinessTime(value, start, ms);
        expect(due && businessTimeBetween(value, start, due)).toBe(ms);
        expect(since && businessTimeBetween(value, since, start)).toBe(ms);
      }),
    );
  });

  test('more time is due later', () => {
    fc.assert(
      fc.property(calendar, instant, duration, duration, (value, start, ms, more) => {
        const [sooner, later] = [addBusinessTime(value, start, ms), addBusinessTime(value, start, ms + more)];
        expect(sooner?.epochMilliseconds).toBeLessThan(later?.epochMilliseconds ?? 0);
      }),
    );
  });

  test('an earlier start is never due later', () => {
    fc.assert(
      fc.property(calendar, instant, instant, duration, (value, a, b, ms) => {
        const [first, second] = [a, b].sort(Temporal.Instant.compare).map((start) => addBusinessTime(value, start, ms));
        expect(first?.epochMilliseconds).toBeLessThanOrEqual(second?.epochMilliseconds ?? 0);
      }),
    );
  });

  test('the open intervals are disjoint, open inside, closed at their ends, and add up', () => {
    fc.assert(
      fc.property(calendar, instant, fc.integer({ min: 1, max: 20 * 24 * 60 * minute }), (value, from, length) => {
        const to = from.add({ milliseconds: length });
        const open = openIntervals(value, from, to);
        let last = from.epochMilliseconds - 1;
        for (const interval of open) {
          expect(interval.from.epochMilliseconds).toBeGreaterThan(last);
          expect(isOpen(value, interval.from)).toBe(true);
          last = interval.to.epochMilliseconds;
          expect(isOpen(value, interval.to)).toBe(last === to.epochMilliseconds && isOpen(value, to));
        }
        const sum = open.reduce((ms, it) => ms + it.to.epochMilliseconds - it.from.epochMilliseconds, 0);
        expect(sum).toBe(businessTimeBetween(value, from, to));
      }),
    );
  });

  test('agree with reading the wall clock minute by minute', () => {
    const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
    const zone = fc.constantFrom(...zones);
    const hour = fc.integer({ min: 5, max: 23 }).map((it) => `${String(it).padStart(2, '0')}:00`);
    const plain = fc.record({ timeZone: zone, from: hour, to: hour, free: date }).filter(({ from, to }) => from < to);
    fc.assert(
      fc.property(
        plain,
        instant,
        fc.integer({ min: 1, max: 4 * 24 * 60 }),
        ({ timeZone, from, to, free }, at, minutes) => {
          const value = calendarOf({
            timeZone,
            holidays: [free],
            week: { monday: [{ from, to }], sunday: [{ from, to }] },
          });
          const start = at.round({ smallestUnit: 'minute', roundingMode: 'floor' });
          let open = 0;
          for (let index = 0; index < minutes; index++) {
            const wall = start.add({ minutes: index }).toZonedDateTimeISO(timeZone);
            const time = wall.toPlainTime().toString().slice(0, 5);
            const day = days[wall.dayOfWeek - 1];
            const spans = day === undefined || wall.toPlainDate().toString() === free ? [] : value.week[day];
            if (spans.some((span) => span.from <= time && time < span.to)) open += 1;
          }
          expect(businessTimeBetween(value, start, start.add({ minutes }))).toBe(open * minute);
        },
      ),
      { numRuns: 30 },
    );
  });
});
