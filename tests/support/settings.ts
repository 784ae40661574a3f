import type { Calendar, SettingKind, SettingValue, SlaPolicy } from '#contracts/settings.ts';
import type { CustomStatus, LifecyclePolicy } from '#contracts/settings-lifecycle.ts';
import { evolveSettings, initialSettings, type SettingsLookup, settingsLookup } from '#packages/domain/settings.ts';

type Saved = { [K in SettingKind]: { kind: K; id: string; value: SettingValue<K> } }[SettingKind];

/** Settings as a process knows them after these saves; a setting saved twice has two versions. */
export function settingsOf(...saves: readonly Saved[]): SettingsLookup {
  const versions = new Map<string, number>();
  const state = saves.reduce((settings, data) => {
    const stream = `${data.kind}/${data.id}`;
    const version = (versions.get(stream) ?? 0) + 1;
    versions.set(stream, version);
    const metadata = { at: '2026-01-01T00:00:00.000Z' };
    return evolveSettings(settings, { type: 'SettingSaved', data, version, metadata });
  }, initialSettings());
  return settingsLookup(state);
}

const nineToFive = [{ from: '09:00', to: '17:00' }];

/** Monday to Friday, 9 to 17, UTC, unless said otherwise. */
export const calendarOf = (
  changes: Partial<Omit<Calendar, 'week'>> & { week?: Partial<Calendar['week']> } = {},
): Calendar => ({
  name: 'Office',
  timeZone: 'UTC',
  holidays: [],
  exceptions: [],
  ...changes,
  week: {
    monday: nineToFive,
    tuesday: nineToFive,
    wednesday: nineToFive,
    thursday: nineToFive,
    friday: nineToFive,
    saturday: [],
    sunday: [],
    ...changes.week,
  },
});

export const aroundTheClock = (timeZone = 'UTC'): Calendar => {
  const day = [{ from: '00:00', to: '24:00' }];
  const week = { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: day, sunday: day };
  return calendarOf({ timeZone, week });
};

export const savedCalendar = (id = 'office', value: Calendar = calendarOf()) => ({
  kind: 'calendar' as const,
  id,
  value,
});

/** A policy for every ticket: first response in 1 h, next in 2 h, resolution in 8 h of the office calendar. */
export const savedPolicy = (id = 'standard', changes: Partial<SlaPolicy> = {}) => ({
  kind: 'sla-policy' as const,
  id,
  value: {
    name: id,
    order: 100,
    match: {},
    calendarId: 'office',
    firstResponseMinutes: 60,
    nextResponseMinutes: 120,
    resolutionMinutes: 480,
    ...changes,
  },
});

/** A custom status, of category open unless said otherwise. */
export const savedStatus = (id: string, changes: Partial<CustomStatus> = {}) => ({
  kind: 'status' as const,
  id,
  value: { name: id, category: 'open' as const, order: 100, ...changes },
});

/** A lifecycle policy for every ticket: reopened within 14 days, closed after 7. */
export const savedLifecycle = (id = 'default', changes: Partial<LifecyclePolicy> = {}) => ({
  kind: 'lifecycle-policy' as const,
  id,
  value: { name: id, order: 100, match: {}, reopenDays: 14, autoCloseDays: 7, ...changes },
});
