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
import { aroundTheClock, calendarOf } from '#tests/support/settings.ts';

const minute = 60_000;
const hour = 60 * minute;
const at = (text: string) => Temporal.Instant.from(text);
const text = (instant: Temporal.Instant | null) => instant?.toString() ?? null;
const hours = (calendar: Calendar, from: string, to: string) => businessTimeBetween(calendar, at(from), at(to)) / hour;
const intervals = (calendar: Calendar, from: string, to: string) =>
  openIntervals(calendar, at(from), at(to)).map((open) => [text(open.from), text(open.to)]);

const office = calendarOf();
const closed: Calendar['week'] = {
  monday: [],
  tuesday: [],
  wednesday: [],
  thursday: [],
  friday: [],
  saturday: [],
  sunday: [],
};

describe('boundaries', () => {
  test('the opening instant is open, the closing instant is not', () => {
    expect(isOpen(office, at('2026-03-02T09:00:00Z'))).toBe(true);
    expect(isOpen(office, at('2026-03-02T08:59:59.999Z'))).toBe(false);
    expect(isOpen(office, at('2026-03-02T16:59:59.999Z'))).toBe(true);
    expect(isOpen(office, at('2026-03-02T17:00:00Z'))).toBe(false);
  });

  test('time that ends with the day is due at the closing instant', () => {
    expect(text(addBusinessTime(office, at('2026-03-02T16:00:00Z'), hour))).toBe('2026-03-02T17:00:00Z');
    expect(text(addBusinessTime(office, at('2026-03-02T16:00:00Z'), hour + 1))).toBe('2026-03-03T09:00:00.001Z');
  });

  test('no time at all is due where it starts, open or not', () => {
    expect(text(addBusinessTime(office, at('2026-03-01T12:00:00Z'), 0))).toBe('2026-03-01T12:00:00Z');
    expect(text(subtractBusinessTime(office, at('2026-03-01T12:00:00Z'), 0))).toBe('2026-03-01T12:00:00Z');
  });

  test('negative time goes the other way', () => {
    expect(text(addBusinessTime(office, at('2026-03-03T10:00:00Z'), -2 * hour))).toBe('2026-03-02T16:00:00Z');
    expect(text(subtractBusinessTime(office, at('2026-03-02T16:00:00Z'), -2 * hour))).toBe('2026-03-03T10:00:00Z');
    expect(hours(office, '2026-03-03T10:00:00Z', '2026-03-02T16:00:00Z')).toBe(-2);
  });
});

describe('holidays and exceptions', () => {
  const calendar = calendarOf({
    holidays: ['2026-12-24', '2026-12-25'],
    exceptions: [
      { date: '2026-12-24', hours: [{ from: '09:00', to: '12:00' }] },
      { date: '2026-12-26', hours: [{ from: '10:00', to: '11:00' }] },
      { date: '2026-12-28', hours: [] },
    ],
  });

  test('an exception goes before the week and before a holiday', () => {
    expect(intervals(calendar, '2026-12-23T12:00:00Z', '2026-12-29T23:00:00Z')).toEqual([
      ['2026-12-23T12:00:00Z', '2026-12-23T17:00:00Z'],
      ['2026-12-24T09:00:00Z', '2026-12-24T12:00:00Z'],
      ['2026-12-26T10:00:00Z', '2026-12-26T11:00:00Z'],
      ['2026-12-29T09:00:00Z', '2026-12-29T17:00:00Z'],
    ]);
  });
});

describe('nights', () => {
  const night = [{ from: '22:00', to: '06:00' }];
  const calendar = calendarOf({ week: { ...closed, monday: night, sunday: night } });

  test('an interval that ends before it begins runs into the next day, over the week’s end too', () => {
    expect(intervals(calendar, '2026-03-01T00:00:00Z', '2026-03-04T00:00:00Z')).toEqual([
      ['2026-03-01T22:00:00Z', '2026-03-02T06:00:00Z'],
      ['2026-03-02T22:00:00Z', '2026-03-03T06:00:00Z'],
    ]);
    expect(text(nextClose(calendar, at('2026-03-02T23:00:00Z')))).toBe('2026-03-03T06:00:00Z');
    expect(text(previousOpen(calendar, at('2026-03-03T00:00:00Z')))).toBe('2026-03-03T00:00:00Z');
    expect(text(addBusinessTime(calendar, at('2026-03-02T23:00:00Z'), 3 * hour))).toBe('2026-03-03T02:00:00Z');
  });

  test('a shift belongs to the day it begins on: a holiday does not cut the one before, and has none of its own', () => {
    const withHoliday = { ...calendar, holidays: ['2026-03-02'] };
    expect(intervals(withHoliday, '2026-03-01T00:00:00Z', '2026-03-04T00:00:00Z')).toEqual([
      ['2026-03-01T22:00:00Z', '2026-03-02T06:00:00Z'],
    ]);
  });

  test('time covered twice, by a night and an exception on the next day, counts once', () => {
    const early = { date: '2026-03-03', hours: [{ from: '04:00', to: '08:00' }] };
    expect(hours({ ...calendar, exceptions: [early] }, '2026-03-02T22:00:00Z', '2026-03-03T12:00:00Z')).toBe(10);
  });

  test('days that are open all day touch: there is no closing at midnight', () => {
    const day = [{ from: '00:00', to: '24:00' }];
    const weekend = calendarOf({ week: { ...closed, saturday: day, sunday: [{ from: '00:00', to: '00:00' }] } });
    expect(text(nextClose(weekend, at('2026-03-07T12:00:00Z')))).toBe('2026-03-09T00:00:00Z');
    expect(intervals(weekend, '2026-03-06T00:00:00Z', '2026-03-10T00:00:00Z')).toEqual([
      ['2026-03-07T00:00:00Z', '2026-03-09T00:00:00Z'],
    ]);
  });
});

describe('clock changes', () => {
  test.each([
    { zone: 'Europe/Berlin', day: '2026-10-25T00:00+02:00', next: '2026-10-26T00:00+01:00', expected: 25 },
    { zone: 'Europe/Berlin', day: '2026-03-29T00:00+01:00', next: '2026-03-30T00:00+02:00', expected: 23 },
    { zone: 'Australia/Lord_Howe', day: '2026-04-05T00:00+11:00', next: '2026-04-06T00:00+10:30', expected: 24.5 },
    { zone: 'America/Sao_Paulo', day: '2018-11-04T01:00-02:00', next: '2018-11-05T00:00-02:00', expected: 23 },
    { zone: 'America/St_Johns', day: '2010-11-07T00:00-02:30', next: '2010-11-08T00:00-03:30', expected: 25 },
  ])('$zone from $day has $expected hours', ({ zone, day, next, expected }) => {
    expect(hours(aroundTheClock(zone), day, next)).toBe(expected);
  });

  const nightOpen = (timeZone: string, from: string, to: string) =>
    calendarOf({ timeZone, week: { ...closed, sunday: [{ from, to }] } });

  test('a window over the skipped hour is an hour shorter, over the repeated one an hour longer', () => {
    const calendar = nightOpen('Europe/Berlin', '01:00', '04:00');
    expect(hours(calendar, '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z')).toBe(2);
    expect(hours(calendar, '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z')).toBe(4);
  });

  test('a time that the clock skips moves forward by the gap, one that it shows twice is the first', () => {
    expect(
      intervals(nightOpen('Europe/Berlin', '02:30', '05:00'), '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z'),
    ).toEqual([['2026-03-29T01:30:00Z', '2026-03-29T03:00:00Z']]);
    expect(
      intervals(nightOpen('Europe/Berlin', '02:30', '05:00'), '2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z'),
    ).toEqual([['2026-10-25T00:30:00Z', '2026-10-25T04:00:00Z']]);
  });

  test('a shift over the change lasts as long as it really does', () => {
    const nightShift = calendarOf({
      timeZone: 'Europe/Berlin',
      week: { ...closed, saturday: [{ from: '22:00', to: '06:00' }] },
    });
    expect(hours(nightShift, '2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z')).toBe(7);
    expect(hours(nightShift, '2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z')).toBe(9);
  });

  test('a date that a zone skipped has no hours', () => {
    const friday = [{ from: '09:00', to: '17:00' }];
    const samoa = calendarOf({ timeZone: 'Pacific/Apia', week: { ...closed, friday } });
    expect(intervals(samoa, '2011-12-27T00:00:00Z', '2012-01-07T00:00:00Z')).toEqual([
      ['2012-01-05T19:00:00Z', '2012-01-06T03:00:00Z'],
    ]);
  });

  test('the evening that St. John’s lived through twice is found from both ends', () => {
    const calendar = aroundTheClock('America/St_Johns');
    const repeated = at('2010-11-07T03:00:00Z');
    expect(isOpen(calendar, repeated)).toBe(true);
    expect(text(subtractBusinessTime(calendar, repeated, minute))).toBe('2010-11-07T02:59:00Z');
    expect(text(addBusinessTime(calendar, repeated, minute))).toBe('2010-11-07T03:01:00Z');
  });
});

describe('calendars with little or no open time', () => {
  test('once a year is found', () => {
    const yearly = calendarOf({
      week: closed,
      exceptions: [{ date: '2031-06-02', hours: [{ from: '10:00', to: '11:00' }] }],
    });
    expect(text(nextOpen(yearly, at('2026-01-01T00:00:00Z')))).toBe('2031-06-02T10:00:00Z');
    expect(text(addBusinessTime(yearly, at('2026-01-01T00:00:00Z'), 30 * minute))).toBe('2031-06-02T10:30:00Z');
    expect(addBusinessTime(yearly, at('2026-01-01T00:00:00Z'), 2 * hour)).toBeNull();
  });

  test('never is an answer, not a search without end', () => {
    const never = calendarOf({ week: closed });
    const now = at('2026-01-01T00:00:00Z');
    expect(addBusinessTime(never, now, 1)).toBeNull();
    expect(subtractBusinessTime(never, now, 1)).toBeNull();
    expect([nextOpen(never, now), nextClose(never, now), previousOpen(never, now)]).toEqual([null, null, null]);
    expect(businessTimeBetween(never, now, at('2030-01-01T00:00:00Z'))).toBe(0);
  });

  test('always open never closes', () => {
    expect(nextClose(aroundTheClock(), at('2026-01-01T00:00:00Z'))).toBeNull();
  });
});
