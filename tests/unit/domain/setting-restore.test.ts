import { describe, expect, test } from 'vitest';
import type { SettingEvent } from '#contracts/events/settings.ts';
import type { SettingKind } from '#contracts/settings.ts';
import { differences } from '#packages/domain/json-differences.ts';
import { type RestoreSetting, setting } from '#packages/domain/setting.ts';
import { savedService } from '#tests/support/catalogue.ts';
import { given } from '#tests/support/given.ts';
import { twoValues } from '#tests/support/setting-values.ts';
import { savedCalendar, savedPolicy, savedStatus, settingsOf } from '#tests/support/settings.ts';

type Saved = Extract<SettingEvent, { type: 'SettingSaved' }>['data'];
const saved = (data: Saved): SettingEvent => ({ type: 'SettingSaved', data });
const removed = ({ kind, id }: Saved): SettingEvent => ({ type: 'SettingRemoved', data: { kind, id } });
const restore = ({ kind, id }: Pick<Saved, 'kind' | 'id'>, revision: number): RestoreSetting => ({
  type: 'RestoreSetting',
  data: { kind, id, revision },
});

const { calendar, service, field, status } = twoValues;
const facts = {
  settings: settingsOf(
    { kind: 'calendar', id: calendar.id, value: calendar.first },
    { kind: 'service', id: service.id, value: service.first },
    { kind: 'field', id: field.id, value: field.first },
    { kind: 'status', id: status.id, value: status.first },
  ),
};

describe('restoring', () => {
  test.each(Object.keys(twoValues) as SettingKind[])(
    'a %s: the value of the older revision is saved, with its number',
    (kind) => {
      const { first, id, second } = twoValues[kind];
      const [old, young]: [Saved, Saved] = [
        { kind, id, value: first },
        { kind, id, value: second },
      ];
      const restored = saved({ ...old, restoredFrom: 1 });
      given(setting, saved(old), saved(young)).when(restore(old, 1), facts).thenEvents(restored);
      given(setting, saved(old), saved(young), removed(old))
        .when(restore(old, 2), facts)
        .thenEvents(saved({ ...young, restoredFrom: 2 }));
      given(setting, saved(old), saved(young), restored).when(restore(old, 1), facts).thenNothing();
      given(setting, saved(old), saved(young)).when(restore(old, 2), facts).thenNothing();
    },
  );

  test('is only of a revision that there is, and that had a value', () => {
    const office = savedCalendar();
    const past = [saved(office), removed(office)];
    given(setting).when(restore(office, 1), facts).thenRejects('NOT_FOUND');
    for (const revision of [2, 3])
      given(setting, ...past)
        .when(restore(office, revision), facts)
        .thenRejects('REVISION_NOT_FOUND', { pointers: ['/revision'] });
  });

  test('is by the rules of today: what the value names has to be in force', () => {
    const policy = savedPolicy('standard', { calendarId: 'gone', match: { services: ['printers', 'fax'] } });
    given(setting, saved(policy), removed(policy))
      .when(restore(policy, 1), facts)
      .thenRejects('SETTING_INVALID', { pointers: ['/value/calendarId', '/value/match/services/1'] });
    const child = savedService('toner', { parentId: 'gone' });
    given(setting, saved(child), saved(savedService('toner')))
      .when(restore(child, 1), facts)
      .thenRejects('SETTING_INVALID', { pointers: ['/value/parentId'] });
  });

  test('is by the form of today, for a value that an older version of the desk has let pass', () => {
    const old = { kind: 'status' as const, id: 'seen', value: { name: 'Seen', colour: 'blue' } };
    given(setting, saved(old), saved(savedStatus('seen')))
      .when(restore(old, 1), facts)
      .thenRejects('SETTING_INVALID', { pointers: ['/value', '/value/colour'] });
  });
});

describe('the differences of two values', () => {
  test.each([
    ['none', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ['a member', { a: 1, b: 2 }, { a: 1, b: 3 }, [{ pointer: '/b', before: 2, after: 3 }]],
    ['a member that came', {}, { a: null }, [{ pointer: '/a', after: null }]],
    ['a member that went', { a: null }, {}, [{ pointer: '/a', before: null }]],
    [
      'something deep',
      { a: { b: [{ c: 1 }] } },
      { a: { b: [{ c: 2 }] } },
      [{ pointer: '/a/b/0/c', before: 1, after: 2 }],
    ],
    ['a longer list', { a: [1] }, { a: [1, 2] }, [{ pointer: '/a/1', after: 2 }]],
    [
      'a shorter list',
      [1, 2],
      [2],
      [
        { pointer: '/0', before: 1, after: 2 },
        { pointer: '/1', before: 2 },
      ],
    ],
    ['a list for an object', { a: [] }, { a: {} }, [{ pointer: '/a', before: [], after: {} }]],
    ['names to be escaped', { 'a/b~c': 1 }, { 'a/b~c': 2 }, [{ pointer: '/a~1b~0c', before: 1, after: 2 }]],
    ['a name of every object', {}, { toString: 1 }, [{ pointer: '/toString', after: 1 }]],
    ['all of it, where there was nothing', undefined, { a: 1 }, [{ pointer: '', after: { a: 1 } }]],
    ['all of it, where nothing is left', 1, undefined, [{ pointer: '', before: 1 }]],
  ])('%s', (_what, before, after, expected) => {
    expect(differences(before, after)).toStrictEqual(expected);
  });
});
