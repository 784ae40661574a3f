import { describe, expect, test } from 'vitest';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { ChangeCommand } from '#packages/domain/ticket/commands.ts';
import { noDirectory } from '#packages/domain/ticket/handlers.ts';
import { maxEvents, ticket } from '#packages/domain/ticket/ticket.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { catalogue, savedMatrix } from '#tests/support/catalogue.ts';
import { given } from '#tests/support/given.ts';
import { settingsOf } from '#tests/support/settings.ts';
import { customerId, newTicket } from '#tests/support/tickets.ts';

const now = Temporal.Instant.from('2026-03-02T10:00:00Z');
const facts = { now, settings: settingsOf(...catalogue, savedMatrix()), directory: noDirectory };
const created: TicketEvent = { type: 'TicketCreated', data: newTicket() };
const closed: TicketEvent = { type: 'TicketStatusChanged', data: { from: 'new', to: 'closed', reason: 'manual' } };
const company = idFrom('company');
const other = idFrom('somebody else');
const due = '2026-04-01T12:00:00.000Z';

const changes: [ChangeCommand, TicketEvent][] = [
  [
    { type: 'ChangeSubject', data: { to: 'Printer 5' } },
    { type: 'TicketSubjectChanged', data: { from: 'Printer', to: 'Printer 5' } },
  ],
  [
    { type: 'ChangeRequester', data: { personId: other, companyId: null } },
    { type: 'TicketRequesterChanged', data: { from: customerId, to: other } },
  ],
  [
    { type: 'ChangeCompany', data: { to: company } },
    { type: 'TicketCompanyChanged', data: { from: null, to: company } },
  ],
  [
    { type: 'ChangeLanguage', data: { to: 'pt-br' } },
    { type: 'TicketLanguageChanged', data: { from: null, to: 'pt-BR' } },
  ],
  [
    { type: 'ChangeDueDate', data: { to: due } },
    { type: 'TicketDueDateChanged', data: { from: null, to: due } },
  ],
  [
    { type: 'ChangeType', data: { to: 'incident' } },
    { type: 'TicketTypeChanged', data: { from: null, to: 'incident' } },
  ],
  [
    { type: 'ChangeService', data: { to: 'toner' } },
    { type: 'TicketServiceChanged', data: { from: null, to: 'toner' } },
  ],
  [
    { type: 'ChangeTags', data: { add: ['VIP'], remove: [] } },
    { type: 'TicketTagsChanged', data: { added: ['vip'], removed: [] } },
  ],
  [
    { type: 'ChangeFollowers', data: { add: [other], remove: [] } },
    { type: 'TicketFollowersChanged', data: { added: [other], removed: [] } },
  ],
  [
    { type: 'AssessPriority', data: { impact: 'high', urgency: 'high' } },
    {
      type: 'TicketPriorityChanged',
      data: { from: 'normal', to: 'urgent', assessment: { impact: 'high', urgency: 'high', matrixVersion: 1 } },
    },
  ],
];

describe.each(changes)('$type', (command, event) => {
  test('is one event, and nothing when it is so already', () => {
    given(ticket, created).when(command, facts).thenEvents(event);
    given(ticket, created, event).when(command, facts).thenNothing();
  });

  test('needs a ticket that exists, is open and has room', () => {
    given(ticket).when(command, facts).thenRejects('TICKET_NOT_FOUND');
    given(ticket, created, closed).when(command, facts).thenRejects('TICKET_CLOSED');
    const breach: TicketEvent = {
      type: 'TicketSlaBreached',
      data: { clock: 'resolution', dueAt: due, policyId: 'p', policyVersion: 1 },
    };
    const full = Array.from({ length: maxEvents - 1 }, () => breach);
    given(ticket, created, ...full)
      .when(command, facts)
      .thenRejects('TICKET_TOO_LONG', { extra: { length: maxEvents, maxEvents } });
  });
});

test('a new requester takes the ticket to their company', () => {
  given(ticket, created)
    .when({ type: 'ChangeRequester', data: { personId: other, companyId: company } }, facts)
    .thenEvents(
      { type: 'TicketRequesterChanged', data: { from: customerId, to: other } },
      { type: 'TicketCompanyChanged', data: { from: null, to: company } },
    );
});

test('what was set can be taken away', () => {
  const past = [
    created,
    ...changes.map(([, event]) => event).filter(({ type }) => /Language|DueDate|Type|Service/.test(type)),
  ];
  for (const type of ['ChangeLanguage', 'ChangeDueDate', 'ChangeType', 'ChangeService'] as const) {
    const [event] = given(ticket, ...past)
      .when({ type, data: { to: null } }, facts)
      .events();
    expect(event?.data).toMatchObject({ to: null, from: expect.any(String) });
  }
});

describe('priority', () => {
  const assess: ChangeCommand = { type: 'AssessPriority', data: { impact: 'low', urgency: 'medium' } };
  const assessed: TicketEvent = {
    type: 'TicketPriorityChanged',
    data: { from: 'normal', to: 'normal', assessment: { impact: 'low', urgency: 'medium', matrixVersion: 1 } },
  };

  test('an assessment is on record also when the priority is the same', () => {
    given(ticket, created).when(assess, facts).thenEvents(assessed);
  });

  test('chosen by hand, it is assessed no more', () => {
    const byHand: ChangeCommand = { type: 'ChangePriority', data: { to: 'normal' } };
    const chosen: TicketEvent = { type: 'TicketPriorityChanged', data: { from: 'normal', to: 'normal' } };
    given(ticket, created, assessed).when(byHand, facts).thenEvents(chosen);
    expect(given(ticket, created, assessed, chosen).state.attributes.assessment).toBeNull();
    given(ticket, created).when(byHand, facts).thenNothing();
  });

  test('follows the matrix as it is now', () => {
    const settings = settingsOf(savedMatrix(), savedMatrix({ low: 'low', medium: 'high', high: 'high' }));
    given(ticket, created, assessed)
      .when(assess, { ...facts, settings })
      .thenEvents({
        type: 'TicketPriorityChanged',
        data: { from: 'normal', to: 'high', assessment: { impact: 'low', urgency: 'medium', matrixVersion: 2 } },
      });
  });

  test('cannot be assessed without a matrix', () => {
    given(ticket, created)
      .when(assess, { ...facts, settings: settingsOf() })
      .thenRejects('NO_PRIORITY_MATRIX');
  });
});

test.each([
  [{ type: 'ChangeLanguage', data: { to: 'english please' } }, 'LANGUAGE_INVALID', '/language'],
  [{ type: 'ChangeType', data: { to: 'riddle' } }, 'UNKNOWN_TYPE', '/typeId'],
  [{ type: 'ChangeType', data: { to: 'alarm' } }, 'UNKNOWN_TYPE', '/typeId'],
  [{ type: 'ChangeService', data: { to: 'catering' } }, 'UNKNOWN_SERVICE', '/serviceId'],
  [{ type: 'ChangeService', data: { to: 'fax' } }, 'UNKNOWN_SERVICE', '/serviceId'],
] as const)('%j is %s', (command, code, pointer) => {
  given(ticket, created)
    .when(command, facts)
    .thenRejects(code, { pointers: [pointer] });
});

describe('tags', () => {
  const tags = (add: string[], remove: string[] = []): ChangeCommand => ({ type: 'ChangeTags', data: { add, remove } });
  const tagged: TicketEvent = { type: 'TicketTagsChanged', data: { added: ['printer', 'vip'], removed: [] } };

  test('are one however they are written', () => {
    given(ticket, created)
      .when(tags([' VIP ', 'vip', 'Zweiter  Stock', 'ﬁx']), facts)
      .thenEvents({ type: 'TicketTagsChanged', data: { added: ['vip', 'zweiter-stock', 'fix'], removed: [] } });
  });

  test('come and go several at once, and only what changes is told', () => {
    given(ticket, created, tagged)
      .when(tags(['vip', 'urgent'], ['Printer', 'unknown']), facts)
      .thenEvents({ type: 'TicketTagsChanged', data: { added: ['urgent'], removed: ['printer'] } });
    given(ticket, created, tagged)
      .when(tags(['vip'], ['vip']), facts)
      .thenNothing();
  });

  test.each(['', '   ', 'a,b', '-x', 'a\u0000b', 'x'.repeat(51), '🖨'])('%j is none', (tag) => {
    given(ticket, created)
      .when(tags(['fine', tag]), facts)
      .thenRejects('TAG_INVALID', { pointers: ['/add/1'] });
  });

  test('are at most 50', () => {
    const fifty = Array.from({ length: 50 }, (_, n) => `t${n}`);
    const full: TicketEvent = { type: 'TicketTagsChanged', data: { added: fifty, removed: [] } };
    given(ticket, created, full)
      .when(tags(['more']), facts)
      .thenRejects('TOO_MANY_TAGS', { extra: { limit: 50 }, pointers: ['/add'] });
    expect(
      given(ticket, created, full)
        .when(tags(['more'], ['t0']), facts)
        .events(),
    ).toHaveLength(1);
  });
});

test('ten thousand followers are refused', () => {
  const add = Array.from({ length: 10_000 }, (_, n) => idFrom('follower', n));
  given(ticket, created)
    .when({ type: 'ChangeFollowers', data: { add, remove: [] } }, facts)
    .thenRejects('TOO_MANY_FOLLOWERS', { extra: { limit: 100 } });
});

describe('opening a ticket with all at once', () => {
  const attributes = {
    typeId: 'incident',
    serviceId: 'toner',
    language: 'DE-at',
    dueDate: due,
    impact: 'high',
    urgency: 'medium',
    tags: ['VIP', 'printer', 'vip'],
    followers: [other, other],
  } as const;
  const create = (changes: object) => ({
    type: 'CreateTicket' as const,
    data: { ...newTicket(), attributes: { ...attributes, tags: [...attributes.tags], followers: [other], ...changes } },
  });

  test('is one event that holds them as they are kept', () => {
    const [event] = given(ticket).when(create({}), facts).events();
    expect(event).toEqual({
      type: 'TicketCreated',
      data: {
        ...newTicket({ priority: 'high' }),
        attributes: {
          ...attributes,
          language: 'de-AT',
          matrixVersion: 1,
          tags: ['printer', 'vip'],
          followers: [other],
        },
      },
    });
    expect(given(ticket, event!).state.attributes).toMatchObject({
      typeId: 'incident',
      serviceId: 'toner',
      assessment: { impact: 'high', urgency: 'medium' },
      tags: ['printer', 'vip'],
    });
  });

  test.each([
    [{ typeId: 'riddle' }, 'UNKNOWN_TYPE', '/typeId'],
    [{ serviceId: 'fax' }, 'UNKNOWN_SERVICE', '/serviceId'],
    [{ language: '?' }, 'LANGUAGE_INVALID', '/language'],
    [{ tags: ['fine', ','] }, 'TAG_INVALID', '/tags/1'],
    [{ tags: Array.from({ length: 51 }, (_, n) => `t${n}`) }, 'TOO_MANY_TAGS', '/tags'],
    [{ followers: Array.from({ length: 101 }, (_, n) => idFrom(n)) }, 'TOO_MANY_FOLLOWERS', '/followers'],
    [{ formId: 'no-such' }, 'UNKNOWN_FORM', '/formId'],
    [{ urgency: undefined }, 'INVALID_REQUEST', '/urgency'],
    [{ fields: { nothing: 1 } }, 'FIELD_INVALID', '/fields/nothing'],
  ] as const)('is refused with %j', (changes, code, pointer) => {
    given(ticket)
      .when(create(changes), facts)
      .thenRejects(code, { pointers: [pointer] });
  });
});
