import { describe, expect, test } from 'vitest';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { ChangeCommand } from '#packages/domain/ticket/commands.ts';
import { noDirectory } from '#packages/domain/ticket/handlers.ts';
import { ticket } from '#packages/domain/ticket/ticket.ts';
import { catalogue, savedField, savedForm } from '#tests/support/catalogue.ts';
import { given } from '#tests/support/given.ts';
import { settingsOf } from '#tests/support/settings.ts';
import { agentSays, newTicket } from '#tests/support/tickets.ts';

const now = Temporal.Instant.from('2026-03-02T10:00:00Z');
const options = [
  { id: 'red', name: 'Red' },
  { id: 'green', name: 'Green' },
  { id: 'blue', name: 'Blue' },
];
const definitions = [
  savedField('room', { min: 2, max: 10 }),
  savedField('asset', { mask: 'AA-###\\#*' }),
  savedField('notes', { type: 'multiline', visibleToCustomer: false, editableByCustomer: false }),
  savedField('cost', { type: 'number', min: 0, max: 100.5, editableByCustomer: false }),
  savedField('seats', { type: 'integer', min: 1 }),
  savedField('insured', { type: 'boolean' }),
  savedField('bought', { type: 'date' }),
  savedField('moment', { type: 'datetime' }),
  savedField('colour', { type: 'choice', options }),
  savedField('colours', { type: 'multi-choice', options, max: 2 }),
  savedField('page', { type: 'url' }),
  savedField('cartridge', { services: ['printers'], types: ['incident'], mailboxes: ['support'], required: true }),
];
const settings = settingsOf(...catalogue, ...definitions);
const facts = { now, settings, directory: noDirectory };
const created: TicketEvent = { type: 'TicketCreated', data: newTicket() };
const printing: TicketEvent = {
  type: 'TicketCreated',
  data: newTicket({ attributes: { serviceId: 'toner', typeId: 'incident' } }),
};
const change = (fields: object, byCustomer = false): ChangeCommand => ({
  type: 'ChangeFields',
  data: { fields: { ...fields }, byCustomer },
});
const held = (fields: Record<string, never> | object, revision = 1): TicketEvent => ({
  type: 'TicketFieldsChanged',
  data: { fields: { ...fields }, revisions: Object.fromEntries(Object.keys(fields).map((id) => [id, revision])) },
});

test.each([
  ['room', 'R 12'],
  ['asset', 'PC-123#x'],
  ['asset', 'ÖÄ-١٢٣#9'],
  ['notes', 'one\ntwo'],
  ['cost', 99.99],
  ['seats', 3],
  ['insured', false],
  ['bought', '2024-02-29'],
  ['colour', 'red'],
  ['page', 'https://desk.example/x?y#z'],
])('%s takes %j', (id, value) => {
  given(ticket, created)
    .when(change({ [id]: value }), facts)
    .thenEvents(held({ [id]: value }));
});

test.each([
  ['moment', '2026-03-02T12:00:00+02:00', '2026-03-02T10:00:00.000Z'],
  ['colours', ['blue', 'red', 'blue'], ['red', 'blue']],
])('%s keeps %j as %j', (id, value, kept) => {
  given(ticket, created)
    .when(change({ [id]: value }), facts)
    .thenEvents(held({ [id]: kept }));
});

test.each([
  ['room', 'R'],
  ['room', 'R'.repeat(11)],
  ['room', 'R\n12'],
  ['room', 'R\u001b2'],
  ['room', '   '],
  ['room', 12],
  ['asset', 'PC-12#x'],
  ['asset', 'PC-123xx'],
  ['asset', '1C-123#x'],
  ['notes', 'x'.repeat(10_001)],
  ['cost', 100.6],
  ['cost', -1],
  ['cost', '12'],
  ['cost', Number.NaN],
  ['seats', 1.5],
  ['seats', 2 ** 53],
  ['insured', 'yes'],
  ['bought', '2025-02-29'],
  ['bought', '2025-02-28T00:00:00Z'],
  ['bought', '0000-01-01'],
  ['moment', 'tomorrow'],
  ['moment', '2026-03-02T12:00:00'],
  ['moment', '0000-01-01T00:00:00Z'],
  ['colour', 'pink'],
  ['colour', ['red']],
  ['colours', []],
  ['colours', 'red'],
  ['colours', ['red', 'pink']],
  ['colours', ['red', 'green', 'blue']],
  ['page', 'javascript:alert(1)'],
  ['page', 'https://user@desk.example/'],
  ['page', 'desk.example'],
  ['page', { href: 'https://desk.example' }],
  ['nothing', 'x'],
  ['cartridge', 'black'],
])('%s does not take %j', (id, value) => {
  given(ticket, created)
    .when(change({ [id]: value }), facts)
    .thenRejects('FIELD_INVALID', { pointers: [`/fields/${id}`] });
});

test('one wrong value refuses all, and each is named', () => {
  given(ticket, created)
    .when(change({ room: 'R 12', cost: 'x', seats: 'y' }), facts)
    .thenRejects('FIELD_INVALID', { pointers: ['/fields/cost', '/fields/seats'] });
  const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`f${n}`, 'x']));
  given(ticket, created).when(change(many), facts).thenRejects('FIELD_INVALID');
});

test('only what changes is told; null empties', () => {
  const past = [created, held({ room: 'R 12', cost: 5 })];
  given(ticket, ...past)
    .when(change({ room: 'R 12', cost: 6 }), facts)
    .thenEvents(held({ cost: 6 }));
  given(ticket, ...past)
    .when(change({ room: null, seats: null }), facts)
    .thenEvents({ type: 'TicketFieldsChanged', data: { fields: { room: null }, revisions: {} } });
  expect(given(ticket, ...past, held({ room: 'x' })).state.attributes.fields).toEqual({
    room: { value: 'x', revision: 1 },
    cost: { value: 5, revision: 1 },
  });
});

describe('a definition that has changed', () => {
  const today = { ...facts, settings: settingsOf(savedField('room'), savedField('room', { type: 'integer' })) };

  test('checks new values by its newest revision, which they keep', () => {
    given(ticket, created, held({ room: 'R 12' }))
      .when(change({ room: 12 }), today)
      .thenEvents(held({ room: 12 }, 2));
    given(ticket, created, held({ room: 'R 12' }))
      .when(change({ room: 'R 12' }), today)
      .thenRejects('FIELD_INVALID');
  });

  test('or gone lets a value go, and takes none', () => {
    const gone = { ...facts, settings: settingsOf() };
    expect(
      given(ticket, created, held({ room: 'R 12' }))
        .when(change({ room: null }), gone)
        .events(),
    ).toHaveLength(1);
    given(ticket, created, held({ room: 'R 12' }))
      .when(change({ room: 'R 13' }), gone)
      .thenRejects('FIELD_INVALID');
  });
});

describe('a customer', () => {
  test('changes what is theirs to change', () => {
    given(ticket, created)
      .when(change({ room: 'R 12' }, true), facts)
      .thenEvents(held({ room: 'R 12' }));
    given(ticket, created)
      .when(change({ cost: 5 }, true), facts)
      .thenRejects('FORBIDDEN', { pointers: ['/fields/cost'] });
  });

  test('cannot tell a hidden field from none', () => {
    for (const id of ['notes', 'nothing'])
      for (const value of ['x', null])
        given(ticket, created)
          .when(change({ [id]: value }, true), facts)
          .thenRejects('FIELD_INVALID', { pointers: [`/fields/${id}`] });
  });
});

describe('a required field', () => {
  const resolve: ChangeCommand = { type: 'ChangeStatus', data: { to: 'resolved' } };

  test('is needed to resolve a ticket that it applies to, whichever way', () => {
    for (const command of [resolve, agentSays({ status: 'resolved' })])
      given(ticket, printing)
        .when(command, facts)
        .thenRejects('FIELDS_REQUIRED', { pointers: ['/fields/cartridge'] });
    given(ticket, created)
      .when(resolve, facts)
      .thenEvents({ type: 'TicketStatusChanged', data: { from: 'new', to: 'resolved', reason: 'manual' } });
    expect(
      given(ticket, printing, held({ cartridge: 'black' }))
        .when(resolve, facts)
        .events(),
    ).toHaveLength(1);
  });

  test('does not keep anybody from closing, or from writing', () => {
    for (const command of [{ type: 'ChangeStatus', data: { to: 'closed' } } as const, agentSays()])
      expect(given(ticket, printing).when(command, facts).events().length).toBeGreaterThan(0);
  });
});

describe('a form', () => {
  const forms = settingsOf(
    ...catalogue,
    ...definitions,
    savedField('budget', { required: true, visibleToCustomer: false, editableByCustomer: false }),
    savedField('shelf', { required: true, editableByCustomer: false }),
    savedForm('order', { fields: ['budget', 'shelf', 'room'], serviceId: null, typeId: null }),
    savedForm('printer', { fields: ['cartridge', 'room'], serviceId: 'printers', typeId: 'incident' }),
    savedForm('old', { active: false }),
  );
  const open = (attributes: object) =>
    given(ticket).when({ type: 'CreateTicket', data: { ...newTicket(), attributes } }, { ...facts, settings: forms });

  test('gives service and type, and is on record with its revision', () => {
    const [event] = open({ formId: 'printer', fields: { cartridge: 'black' } }).events();
    expect(event?.data).toMatchObject({
      attributes: {
        form: { id: 'printer', version: 1 },
        serviceId: 'printers',
        typeId: 'incident',
        fields: { cartridge: 'black' },
        revisions: { cartridge: 1 },
      },
    });
  });

  test('wants what it requires and nothing that it does not ask', () => {
    open({ formId: 'printer' }).thenRejects('FIELD_INVALID', { pointers: ['/fields/cartridge'] });
    open({ formId: 'printer', fields: { cartridge: 'black', seats: 2 } }).thenRejects('FIELD_INVALID', {
      pointers: ['/fields/seats'],
    });
    open({ formId: 'old' }).thenRejects('UNKNOWN_FORM', { pointers: ['/formId'] });
  });

  test('asks a customer for what is theirs to say, and tells them of no hidden field that it has', () => {
    const [event] = open({ byCustomer: true, formId: 'order', fields: { room: '3.14' } }).events();
    expect(event?.data).toMatchObject({ attributes: { fields: { room: '3.14' } } });
    open({ formId: 'order' }).thenRejects('FIELD_INVALID', { pointers: ['/fields/budget', '/fields/shelf'] });
    const refusalOf = (id: string): string => {
      const asking = () => open({ byCustomer: true, formId: 'order', fields: { [id]: 'x' } }).events();
      expect(asking).toThrow(id);
      try {
        asking();
      } catch (error) {
        return String(error).replaceAll(id, '…');
      }
      return '';
    };
    expect(refusalOf('budget')).toBe(refusalOf('no-such-field'));
  });

  test('gives a customer no field that is not theirs', () => {
    open({ byCustomer: true, fields: { cost: 5 } }).thenRejects('FORBIDDEN', { pointers: ['/fields/cost'] });
  });
});
