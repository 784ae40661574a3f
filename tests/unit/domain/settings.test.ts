import { describe, expect, test } from 'vitest';
import type { SettingEvent } from '#contracts/events/settings.ts';
import type { Recorded } from '#packages/domain/decider.ts';
import { type SettingCommand, setting } from '#packages/domain/setting.ts';
import { evolveSettings, initialSettings, settingsLookup } from '#packages/domain/settings.ts';
import { given } from '#tests/support/given.ts';
import {
  calendarOf,
  savedCalendar,
  savedLifecycle,
  savedPolicy,
  savedStatus,
  settingsOf,
} from '#tests/support/settings.ts';

const facts = { settings: settingsOf(savedCalendar(), savedPolicy()) };
const save = (data: Extract<SettingCommand, { type: 'SaveSetting' }>['data']): SettingCommand => ({
  type: 'SaveSetting',
  data,
});
const saved = (data: Extract<SettingEvent, { type: 'SettingSaved' }>['data']): SettingEvent => ({
  type: 'SettingSaved',
  data,
});
const remove: SettingCommand = { type: 'RemoveSetting', data: { kind: 'calendar', id: 'office' } };

describe('saving', () => {
  const office = savedCalendar();

  test('each change is a revision; the same value again is none', () => {
    given(setting).when(save(office), facts).thenEvents(saved(office));
    given(setting, saved(office)).when(save(savedCalendar()), facts).thenNothing();
    const longer = savedCalendar('office', calendarOf({ holidays: ['2026-12-25'] }));
    given(setting, saved(office)).when(save(longer), facts).thenEvents(saved(longer));
  });

  test('a removed setting can be saved again as it was', () => {
    const removed: SettingEvent = { type: 'SettingRemoved', data: { kind: 'calendar', id: 'office' } };
    given(setting, saved(office), removed).when(save(office), facts).thenEvents(saved(office));
  });

  const nine = { from: '09:00', to: '12:00' };
  test.each([
    { why: 'unknown time zone', value: calendarOf({ timeZone: 'Mars/Olympus' }), pointers: ['/value/timeZone'] },
    { why: 'an offset for a zone', value: calendarOf({ timeZone: '+03:00' }), pointers: ['/value/timeZone'] },
    {
      why: 'overlapping hours',
      value: calendarOf({ week: { tuesday: [nine, { from: '11:59', to: '13:00' }] } }),
      pointers: ['/value/week/tuesday/1'],
    },
    {
      why: 'a night that runs into the next morning’s hours',
      value: calendarOf({ week: { monday: [{ from: '22:00', to: '09:01' }] } }),
      pointers: ['/value/week/tuesday/0'],
    },
    {
      why: 'Sunday night that runs into Monday',
      value: calendarOf({ week: { sunday: [{ from: '12:00', to: '11:00' }] } }),
      pointers: ['/value/week/monday/0'],
    },
    {
      why: 'overlapping hours of an exception',
      value: calendarOf({ exceptions: [{ date: '2026-12-24', hours: [nine, nine] }] }),
      pointers: ['/value/exceptions/0/hours/1'],
    },
    {
      why: 'two exceptions of one date',
      value: calendarOf({ exceptions: ['2026-12-24', '2026-12-24'].map((date) => ({ date, hours: [nine] })) }),
      pointers: ['/value/exceptions/1/date'],
    },
    {
      why: 'a week that is never open',
      value: calendarOf({ week: { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [] } }),
      pointers: ['/value/week'],
    },
    {
      why: 'a date that does not exist',
      value: calendarOf({ holidays: ['2026-02-29'] }),
      pointers: ['/value/holidays/0'],
    },
    {
      why: 'a time that does not exist',
      value: calendarOf({ week: { friday: [{ from: '25:00', to: '26:00' }] } }),
      pointers: ['/value/week/friday/0/from', '/value/week/friday/0/to'],
    },
    { why: 'an unknown member', value: { ...calendarOf(), hollidays: [] }, pointers: ['/value/hollidays'] },
    { why: 'no object', value: 'always', pointers: ['/value'] },
  ])('a calendar with $why is refused', ({ value, pointers }) => {
    given(setting)
      .when(save({ kind: 'calendar', id: 'office', value }), facts)
      .thenRejects('SETTING_INVALID', { pointers });
  });

  test('hours that touch, nights and whole days are accepted', () => {
    const value = calendarOf({
      week: {
        monday: [nine, { from: '12:00', to: '24:00' }],
        tuesday: [
          { from: '00:00', to: '08:00' },
          { from: '22:00', to: '06:00' },
        ],
        wednesday: [{ from: '06:00', to: '24:00' }],
        sunday: [{ from: '00:00', to: '00:00' }],
      },
    });
    const week = { kind: 'calendar' as const, id: 'office', value };
    given(setting).when(save(week), facts).thenEvents(saved(week));
  });

  test.each([
    { why: 'an unknown calendar', changes: { calendarId: 'none' }, pointers: ['/value/calendarId'] },
    {
      why: 'a list that matches nothing',
      changes: { match: { priorities: [] } },
      pointers: ['/value/match/priorities'],
    },
    { why: 'a target of no minutes', changes: { resolutionMinutes: 0 }, pointers: ['/value/resolutionMinutes'] },
  ])('a policy with $why is refused', ({ changes, pointers }) => {
    given(setting)
      .when(save(savedPolicy('p', changes)), facts)
      .thenRejects('SETTING_INVALID', { pointers });
  });

  test('two mailboxes cannot have one address', () => {
    const mailbox = (id: string, address = 'help@desk.example') => ({
      kind: 'mailbox' as const,
      id,
      value: { name: id, address, active: true },
    });
    const known = { settings: settingsOf(mailbox('support')) };
    given(setting)
      .when(save(mailbox('sales')), known)
      .thenRejects('SETTING_INVALID', { pointers: ['/value/address'] });
    given(setting)
      .when(save(mailbox('support')), known)
      .thenEvents(saved(mailbox('support')));
    given(setting)
      .when(save(mailbox('other', 'Help2@desk.example')), known)
      .thenRejects('SETTING_INVALID', { pointers: ['/value/address'] });
  });

  test('a bad id is refused', () => {
    given(setting)
      .when(save(savedCalendar('The Office')), facts)
      .thenRejects('SETTING_INVALID', { pointers: ['/id'] });
  });
});

describe('a custom status', () => {
  const open = savedStatus('in-progress', { category: 'open', name: 'In progress' });
  const removed: SettingEvent = { type: 'SettingRemoved', data: { kind: 'status', id: 'in-progress' } };

  test('gets another name, and keeps its category also when it was removed', () => {
    const renamed = savedStatus('in-progress', { category: 'open', name: 'Being worked on' });
    given(setting, saved(open)).when(save(renamed), facts).thenEvents(saved(renamed));
    const other = savedStatus('in-progress', { category: 'pending' });
    given(setting, saved(open))
      .when(save(other), facts)
      .thenRejects('SETTING_INVALID', { pointers: ['/value/category'] });
    given(setting, saved(open), removed)
      .when(save(other), facts)
      .thenRejects('SETTING_INVALID', { pointers: ['/value/category'] });
  });

  test.each(['new', 'on-hold', 'closed'])('is not called %s, as a category is', (id) => {
    given(setting)
      .when(save(savedStatus(id)), facts)
      .thenRejects('SETTING_INVALID', { pointers: ['/id'] });
  });

  test('is removed whether tickets are in it or not: they keep it until they leave', () => {
    given(setting, saved(open))
      .when({ type: 'RemoveSetting', data: { kind: 'status', id: 'in-progress' } }, facts)
      .thenEvents(removed);
  });
});

test.each([
  ['an empty list', { match: { priorities: [] } }, ['/value/match/priorities']],
  ['no days', { autoCloseDays: 0 }, ['/value/autoCloseDays']],
  ['days beyond ten years', { reopenDays: 3_651 }, ['/value/reopenDays']],
  ['an unknown mailbox', { match: { mailboxes: ['nobody'] } }, ['/value/match/mailboxes/0']],
  ['reminders that never come', { pendingReminderDays: 7, pendingResolveDays: 7 }, ['/value/pendingReminderDays']],
] as const)('a lifecycle policy with %s is refused', (_why, changes, pointers) => {
  const value = { ...savedLifecycle().value, ...changes };
  given(setting)
    .when(save({ kind: 'lifecycle-policy', id: 'default', value }), facts)
    .thenRejects('SETTING_INVALID', { pointers });
});

describe('removing', () => {
  test('a setting once', () => {
    const past = saved(savedCalendar());
    const removed: SettingEvent = { type: 'SettingRemoved', data: remove.data };
    const unused = { settings: settingsOf(savedCalendar()) };
    given(setting, past).when(remove, unused).thenEvents(removed);
    given(setting, past, removed).when(remove, unused).thenNothing();
    given(setting).when(remove, unused).thenRejects('NOT_FOUND');
  });

  test('not a calendar that a policy counts by', () => {
    given(setting, saved(savedCalendar())).when(remove, facts).thenRejects('SETTING_IN_USE');
  });

  test.each([
    savedPolicy('p', { match: { mailboxes: ['sales'] } }),
    savedLifecycle('l', { match: { mailboxes: ['sales'] } }),
  ])('not a mailbox that a $kind names', (user) => {
    const mailbox = { name: 'Sales', address: 'sales@desk.example', active: true };
    const sales = { kind: 'mailbox', id: 'sales', value: mailbox } as const;
    given(setting, saved(sales))
      .when({ type: 'RemoveSetting', data: { kind: 'mailbox', id: 'sales' } }, { settings: settingsOf(sales, user) })
      .thenRejects('SETTING_IN_USE');
  });
});

describe('the settings in force', () => {
  const at = (event: SettingEvent, version: number): Recorded<SettingEvent> => ({
    ...event,
    version,
    metadata: { at: `2026-01-0${version}T00:00:00.000Z` },
  });
  const first = saved(savedCalendar('office', calendarOf({ name: 'one' })));
  const second = saved(savedCalendar('office', calendarOf({ name: 'two' })));
  const removed: SettingEvent = { type: 'SettingRemoved', data: { kind: 'calendar', id: 'office' } };
  const lookup = (...events: Recorded<SettingEvent>[]) =>
    settingsLookup(events.reduce(evolveSettings, initialSettings()));

  test('are the newest revisions, while older ones can still be read', () => {
    const settings = lookup(
      at(first, 1),
      at(second, 2),
      at(saved(savedCalendar('night')), 1),
      at(saved(savedPolicy()), 1),
    );
    expect(settings.inForce('calendar').map(({ id, version }) => [id, version])).toEqual([
      ['night', 1],
      ['office', 2],
    ]);
    expect(settings.current('calendar', 'office')).toMatchObject({ version: 2, value: { name: 'two' } });
    expect(settings.revision('calendar', 'office', 1)).toMatchObject({
      value: { name: 'one' },
      savedAt: '2026-01-01T00:00:00.000Z',
    });
    expect(settings.revision('calendar', 'office', 3)).toBeNull();
    expect(settings.current('sla-policy', 'office')).toBeNull();
  });

  test('leave out what was removed, but tickets still find the revisions they were timed by', () => {
    const settings = lookup(at(first, 1), at(removed, 2));
    expect(settings.inForce('calendar')).toEqual([]);
    expect(settings.current('calendar', 'office')).toBeNull();
    expect(settings.revision('calendar', 'office', 1)).toMatchObject({ value: { name: 'one' } });
    const back = lookup(at(first, 1), at(removed, 2), at(second, 3));
    expect(back.current('calendar', 'office')).toMatchObject({ version: 3 });
  });

  test('ignore events and kinds they do not know', () => {
    const state = initialSettings();
    const future = { type: 'SettingFrozen', data: { kind: 'calendar', id: 'office' } } as unknown as SettingEvent;
    const unknown = {
      type: 'SettingSaved',
      data: { kind: 'no-kind-of-today', id: 'x', value: {} },
    } as unknown as SettingEvent;
    expect(evolveSettings(state, at(future, 1))).toEqual(state);
    expect(evolveSettings(state, at(unknown, 1))).toEqual(state);
  });
});
