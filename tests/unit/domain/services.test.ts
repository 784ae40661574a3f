import { describe, expect, test } from 'vitest';
import { route } from '#packages/domain/routing/route.ts';
import { servicePath, servicesBelow } from '#packages/domain/service-tree.ts';
import { setting } from '#packages/domain/setting.ts';
import type { Revision } from '#packages/domain/settings.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { catalogue, savedField, savedForm, savedMatrix, savedService } from '#tests/support/catalogue.ts';
import { given } from '#tests/support/given.ts';
import { aroundTheClock, savedCalendar, savedPolicy, settingsOf } from '#tests/support/settings.ts';
import { clocks, priority, status, story } from '#tests/support/sla-story.ts';
import { createTicket } from '#tests/support/tickets.ts';

const settings = settingsOf(...catalogue);
const save = (
  data: {
    kind: 'service' | 'field' | 'form' | 'priority-matrix' | 'sla-policy' | 'routing-rule';
    id: string;
    value: unknown;
  },
  known = settings,
) => given(setting).when({ type: 'SaveSetting', data }, { settings: known });

test('a service is part of others, up to the top, and has others below', () => {
  expect(servicePath('toner', settings)).toEqual(['toner', 'printers', 'hardware']);
  expect(servicePath(null, settings)).toEqual([]);
  expect(servicesBelow('hardware', settings)).toEqual(['hardware', 'printers', 'toner']);
});

test('a circle, which two saves at once may close, is walked once', () => {
  const circle = settingsOf(savedService('a', { parentId: 'b' }), savedService('b', { parentId: 'a' }));
  expect(servicePath('a', circle)).toEqual(['a', 'b']);
  expect(servicesBelow('a', circle)).toEqual(['a', 'b']);
});

describe('the tree refuses', () => {
  test.each([
    ['itself as its parent', savedService('hardware', { parentId: 'hardware' })],
    ['a circle', savedService('hardware', { parentId: 'toner' })],
    ['a parent that there is not', savedService('paper', { parentId: 'stationery' })],
  ])('%s', (_why, service) => {
    save(service).thenRejects('SETTING_INVALID', { pointers: ['/value/parentId'] });
  });

  test('more than six levels, also by what hangs below', () => {
    const line = ['a', 'b', 'c', 'd'].map((id, n, all) => savedService(id, { parentId: all[n - 1] ?? null }));
    const known = settingsOf(...catalogue, ...line);
    save(savedService('hardware', { parentId: 'c' }), known).thenEvents(expect.anything());
    save(savedService('hardware', { parentId: 'd' }), known).thenRejects('SETTING_INVALID', {
      pointers: ['/value/parentId'],
    });
  });
});

test.each([
  ['options', savedField('f', { type: 'choice' })],
  ['options', savedField('f', { options: [{ id: 'a', name: 'A' }] })],
  [
    'options',
    savedField('f', {
      type: 'choice',
      options: [
        { id: 'a', name: 'A' },
        { id: 'a', name: 'B' },
      ],
    }),
  ],
  ['min', savedField('f', { type: 'boolean', min: 1 })],
  ['min', savedField('f', { min: 3, max: 2 })],
  ['mask', savedField('f', { type: 'integer', mask: '###' })],
  ['editableByCustomer', savedField('f', { visibleToCustomer: false })],
  ['services/0', savedField('f', { services: ['catering'] })],
  ['types/0', savedField('f', { types: ['riddle'] })],
  ['mailboxes/0', savedField('f', { mailboxes: ['nobody'] })],
  ['fields/0', savedForm('f', { fields: ['nothing'] })],
  ['serviceId', savedForm('f', { serviceId: 'catering' })],
  ['typeId', savedForm('f', { typeId: 'riddle' })],
])('%s is at fault in %j', (member, data) => {
  save(data).thenRejects('SETTING_INVALID', { pointers: [`/value/${member}`] });
});

test('there is one priority matrix', () => {
  save(savedMatrix()).thenEvents(expect.anything());
  save({ ...savedMatrix(), id: 'other' }).thenRejects('SETTING_INVALID', { pointers: ['/id'] });
});

test('policies and rules name services that there are', () => {
  const known = settingsOf(...catalogue, savedCalendar());
  const policy = savedPolicy('p', { match: { services: ['catering'] } });
  save(policy, known).thenRejects('SETTING_INVALID', { pointers: ['/value/match/services/0'] });
  const rule = { name: 'r', order: 1, match: { services: ['catering'] }, groupId: idFrom('g'), strategy: 'group-only' };
  const data = { kind: 'routing-rule', id: 'r', value: rule } as const;
  save(data).thenRejects('SETTING_INVALID', { pointers: ['/value/match/services/0'] });
});

test.each([
  ['service', 'printers', { kind: 'service', id: 'toner' }],
  ['service', 'software', { kind: 'form', id: 'form' }],
  ['ticket-type', 'request', { kind: 'form', id: 'form' }],
  ['ticket-type', 'incident', { kind: 'field', id: 'field' }],
  ['field', 'field', { kind: 'form', id: 'form' }],
] as const)('the %s %s stays while %j needs it', (kind, id, user) => {
  const users = [
    savedField('field', { types: ['incident'] }),
    savedForm('form', { fields: ['field'], serviceId: 'software', typeId: 'request' }),
  ];
  const saved = { type: 'SettingSaved', data: { kind, id, value: {} } } as const;
  given(setting, saved)
    .when({ type: 'RemoveSetting', data: { kind, id } }, { settings: settingsOf(...catalogue, ...users) })
    .thenRejects('SETTING_IN_USE', { extra: { user } });
});

describe('SLA', () => {
  const sla = settingsOf(
    ...catalogue,
    savedCalendar(),
    savedCalendar('always', aroundTheClock()),
    savedPolicy('hardware', {
      order: 1,
      match: { services: ['hardware'] },
      calendarId: 'always',
      resolutionMinutes: 60,
    }),
    savedPolicy('standard'),
  );
  const move = (to: string | null) => ({ type: 'ChangeService', data: { to } }) as const;

  test('a ticket opened under a service has its policy from the start, also that of a service above', () => {
    const desk = story(sla);
    const attributes = { serviceId: 'toner' };
    expect(clocks(desk.at('2026-03-02T10:00:00Z', createTicket({ attributes })))).toContainEqual([
      'Started',
      'resolution',
      '2026-03-02T11:00:00.000Z',
    ]);
  });

  test('another service puts running clocks on other terms; the time used is kept', () => {
    const desk = story(sla);
    desk.at('2026-03-02T10:00:00Z', createTicket());
    expect(clocks(desk.at('2026-03-02T10:30:00Z', move('printers')))).toContainEqual([
      'Retargeted',
      'resolution',
      '2026-03-02T11:00:00.000Z',
      30 * 60_000,
    ]);
    expect(clocks(desk.at('2026-03-02T10:40:00Z', move('toner')))).toEqual([]);
    expect(clocks(desk.at('2026-03-02T10:50:00Z', move(null)))).toContainEqual([
      'Retargeted',
      'resolution',
      '2026-03-03T10:00:00.000Z',
      50 * 60_000,
    ]);
  });

  test('the company does the same', () => {
    const company = idFrom('company');
    const desk = story(
      settingsOf(
        savedCalendar(),
        savedPolicy('gold', { order: 1, match: { companies: [company] }, resolutionMinutes: 120 }),
        savedPolicy('standard'),
      ),
    );
    desk.at('2026-03-02T10:00:00Z', createTicket());
    expect(clocks(desk.at('2026-03-02T10:30:00Z', { type: 'ChangeCompany', data: { to: company } }))).toContainEqual([
      'Retargeted',
      'resolution',
      '2026-03-02T12:00:00.000Z',
      30 * 60_000,
    ]);
  });

  test('a service that changed while the ticket was done counts when it is reopened', () => {
    const desk = story(sla);
    desk.at('2026-03-02T10:00:00Z', createTicket());
    desk.at('2026-03-02T10:30:00Z', status('resolved'));
    expect(clocks(desk.at('2026-03-02T11:00:00Z', move('printers')))).toEqual([]);
    expect(clocks(desk.at('2026-03-02T12:00:00Z', status('open')))).toContainEqual([
      'Retargeted',
      'resolution',
      '2026-03-02T12:30:00.000Z',
      30 * 60_000,
    ]);
  });

  test('a change that no policy looks at moves nothing', () => {
    const desk = story(sla);
    desk.at('2026-03-02T10:00:00Z', createTicket());
    expect(clocks(desk.at('2026-03-02T10:10:00Z', { type: 'ChangeType', data: { to: 'incident' } }))).toEqual([]);
    expect(clocks(desk.at('2026-03-02T10:10:00Z', priority('high')))).toEqual([]);
  });
});

describe('routing', () => {
  const [support, hardware, toner] = [idFrom('support'), idFrom('hardware'), idFrom('toner')];
  const revision = <K extends 'service' | 'routing-rule'>(kind: K, id: string, value: Revision<K>['value']) =>
    ({ kind, id, version: 2, savedAt: '2026-01-01T00:00:00.000Z', value }) as Revision<K>;
  const rule = (id: string, match: object, groupId: string) =>
    revision('routing-rule', id, { name: id, order: 10, match, groupId, strategy: 'group-only' });
  const path = [
    revision('service', 'toner', savedService('toner', { parentId: 'printers' }).value),
    revision('service', 'printers', savedService('printers', { groupId: hardware }).value),
    revision('service', 'hardware', savedService('hardware', { groupId: support }).value),
  ];
  const ticket = { mailboxId: null, priority: 'normal', serviceId: 'toner' } as const;
  const candidate = { agentId: idFrom('ada'), openTickets: 1, lastAssignedAt: null, skills: [], unavailable: null };
  const groups = new Map([
    [support, []],
    [hardware, [candidate]],
    [toner, []],
  ]);
  const all = rule('all', {}, support);

  test('the nearest service with a group takes the ticket from rules for everything', () => {
    expect(route(ticket, [all], groups, path)).toEqual({
      groupId: hardware,
      agentId: candidate.agentId,
      reason: {
        kind: 'routing',
        ruleId: null,
        ruleVersion: null,
        service: { id: 'printers', version: 2 },
        strategy: 'least-loaded',
        candidates: [{ agentId: candidate.agentId, openTickets: 1 }],
        explanation:
          'Service "printers" has a group of its own; the agent has 1 open ticket and is the only member of the group.',
      },
    });
  });

  test('a rule that names a service above comes first', () => {
    const special = rule('special', { services: ['hardware'] }, toner);
    expect(route(ticket, [all, special], groups, path).reason).toMatchObject({ ruleId: 'special' });
    const elsewhere = rule('elsewhere', { services: ['software'] }, toner);
    expect(route(ticket, [elsewhere], groups, path).groupId).toBe(hardware);
  });

  test('rules for everything do when no service has a group that exists', () => {
    expect(route(ticket, [all], new Map([[support, []]]), path.slice(0, 2)).reason).toMatchObject({
      ruleId: 'all',
      explanation: expect.stringContaining('service toner'),
    });
  });
});
