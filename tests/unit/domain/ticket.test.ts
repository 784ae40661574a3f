import { describe, expect, test } from 'vitest';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import { type Status, statuses } from '#contracts/primitives.ts';
import type { AssignTicket } from '#packages/domain/ticket/commands.ts';
import { type Directory, noDirectory } from '#packages/domain/ticket/handlers.ts';
import { transitions } from '#packages/domain/ticket/status.ts';
import { maxEvents, ticket } from '#packages/domain/ticket/ticket.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { given } from '#tests/support/given.ts';
import { settingsOf } from '#tests/support/settings.ts';
import { agentId, agentSays, automaticMessage, createTicket, customerSays, newTicket } from '#tests/support/tickets.ts';

const now = Temporal.Instant.from('2026-03-02T10:00:00Z');
const facts = { now, settings: settingsOf(), directory: noDirectory };
const created: TicketEvent = { type: 'TicketCreated', data: newTicket() };
const changed = (from: Status, to: Status): TicketEvent => ({
  type: 'TicketStatusChanged',
  data: { from, to, reason: 'manual' },
});
/** A ticket that has come to a status. */
const past = (status: Status): TicketEvent[] => (status === 'new' ? [created] : [created, changed('new', status)]);

describe('creating', () => {
  test('a ticket begins with its first message', () => {
    given(ticket).when(createTicket(), facts).thenEvents(created);
  });

  test('an existing ticket is not created again', () => {
    given(ticket, created).when(createTicket(), facts).thenRejects('TICKET_EXISTS');
  });

  test.each([
    agentSays(),
    { type: 'ChangeStatus', data: { to: 'open' } },
    { type: 'ChangePriority', data: { to: 'high' } },
    { type: 'BreachSla', data: { clock: 'resolution', dueAt: '2026-03-02T10:00:00.000Z' } },
    { type: 'AssignTicket', data: { groupId: null, agentId: null, reason: { kind: 'manual' } } },
  ] as const)('$type needs a ticket', (command) => {
    given(ticket).when(command, facts).thenRejects('TICKET_NOT_FOUND');
  });
});

describe('status', () => {
  const pairs = statuses.flatMap((from) => statuses.map((to) => ({ from, to })));

  test.each(pairs.filter(({ from, to }) => from !== to && transitions[from].includes(to)))(
    '$from → $to',
    ({ from, to }) => {
      given(ticket, ...past(from))
        .when({ type: 'ChangeStatus', data: { to } }, facts)
        .thenEvents(changed(from, to));
    },
  );

  test.each(pairs.filter(({ from, to }) => from !== to && !transitions[from].includes(to)))(
    '$from → $to is illegal',
    ({ from, to }) => {
      given(ticket, ...past(from))
        .when({ type: 'ChangeStatus', data: { to } }, facts)
        .thenRejects('ILLEGAL_TRANSITION', { extra: { from, to, allowed: transitions[from] } });
    },
  );

  test.each(statuses)('%s to itself is no event', (status) => {
    given(ticket, ...past(status))
      .when({ type: 'ChangeStatus', data: { to: status } }, facts)
      .thenNothing();
  });

  test('nothing returns to new, and a closed ticket can only be reopened', () => {
    expect(Object.values(transitions).flat()).not.toContain('new');
    expect(transitions.closed).toEqual(['open']);
  });
});

describe('comments', () => {
  const statusAfter = (from: Status, command: ReturnType<typeof agentSays>) =>
    given(ticket, ...past(from))
      .when(command, facts)
      .events()
      .slice(1);
  const moved = (from: Status, to: Status, reason: 'agent-replied' | 'customer-replied' | 'manual') => [
    { type: 'TicketStatusChanged', data: { from, to, reason } },
  ];

  test('a comment is recorded as it was given', () => {
    const command = agentSays({ visibility: 'internal' });
    given(ticket, created).when(command, facts).thenEvents({ type: 'TicketCommented', data: command.data });
  });

  test.each([
    { who: 'agent', from: 'new', command: agentSays(), moves: moved('new', 'open', 'agent-replied') },
    { who: 'agent', from: 'pending', command: agentSays(), moves: [] },
    { who: 'agent', from: 'resolved', command: agentSays(), moves: [] },
    { who: 'customer', from: 'new', command: customerSays(), moves: [] },
    { who: 'customer', from: 'open', command: customerSays(), moves: [] },
    { who: 'customer', from: 'pending', command: customerSays(), moves: moved('pending', 'open', 'customer-replied') },
    { who: 'customer', from: 'on-hold', command: customerSays(), moves: moved('on-hold', 'open', 'customer-replied') },
    {
      who: 'customer',
      from: 'resolved',
      command: customerSays(),
      moves: moved('resolved', 'open', 'customer-replied'),
    },
  ] as const)('of the $who on a ticket that is $from', ({ from, command, moves }) => {
    expect(statusAfter(from, command)).toEqual(moves);
  });

  test.each(['pending', 'on-hold', 'resolved'] as const)('an automatic reply leaves a %s ticket alone', (from) => {
    expect(statusAfter(from, customerSays({ message: automaticMessage() }))).toEqual([]);
  });

  test('an internal note opens nothing', () => {
    expect(statusAfter('new', agentSays({ visibility: 'internal' }))).toEqual([]);
  });

  test('the status asked for takes the place of what the comment would bring about', () => {
    expect(statusAfter('new', agentSays({ status: 'pending' }))).toEqual(moved('new', 'pending', 'manual'));
    expect(statusAfter('new', agentSays({ status: 'new' }))).toEqual([]);
    expect(statusAfter('open', agentSays({ status: 'resolved', visibility: 'internal' }))).toEqual(
      moved('open', 'resolved', 'manual'),
    );
  });

  test('an illegal status refuses the comment with it', () => {
    given(ticket, ...past('open'))
      .when(agentSays({ status: 'new' }), facts)
      .thenRejects('ILLEGAL_TRANSITION');
  });

  test('a comment that is there already is no event', () => {
    const command = customerSays();
    given(ticket, created, { type: 'TicketCommented', data: command.data }).when(command, facts).thenNothing();
    given(ticket, created)
      .when(customerSays({ commentId: newTicket().commentId }), facts)
      .thenNothing();
  });

  describe('on a closed ticket', () => {
    const closed = given(ticket, ...past('closed'));

    test('people are refused', () => {
      closed.when(customerSays(), facts).thenRejects('TICKET_CLOSED');
      closed.when(agentSays(), facts).thenRejects('TICKET_CLOSED');
      closed.when(agentSays({ status: 'closed' }), facts).thenRejects('TICKET_CLOSED');
      closed.when(customerSays({ status: 'open' }), facts).thenRejects('TICKET_CLOSED');
    });

    test('notes and automatic mail are kept without reopening it', () => {
      expect(statusAfter('closed', agentSays({ visibility: 'internal' }))).toEqual([]);
      expect(statusAfter('closed', customerSays({ message: automaticMessage() }))).toEqual([]);
    });

    test('an agent may reopen it with a reply', () => {
      expect(statusAfter('closed', agentSays({ status: 'open' }))).toEqual(moved('closed', 'open', 'manual'));
      closed.when(agentSays({ status: 'pending' }), facts).thenRejects('ILLEGAL_TRANSITION');
    });
  });
});

describe('priority', () => {
  test('changes once', () => {
    const high = given(ticket, created).when({ type: 'ChangePriority', data: { to: 'high' } }, facts);
    high.thenEvents({ type: 'TicketPriorityChanged', data: { from: 'normal', to: 'high' } });
    given(ticket, created)
      .when({ type: 'ChangePriority', data: { to: 'normal' } }, facts)
      .thenNothing();
  });

  test('is settled on a closed ticket', () => {
    given(ticket, ...past('closed'))
      .when({ type: 'ChangePriority', data: { to: 'high' } }, facts)
      .thenRejects('TICKET_CLOSED');
  });
});

describe('assignment', () => {
  const groupId = idFrom('test', 'group');
  const other = idFrom('test', 'other agent');
  const directory: Directory = {
    above: () => null,
    membersOf: (id) => (id === groupId ? new Set([agentId]) : null),
    isAgent: (id) => id === agentId || id === other,
  };
  const known = { ...facts, directory };
  const manual = { kind: 'manual' } as const;
  const routing: AssignTicket['data']['reason'] = {
    kind: 'routing',
    ruleId: 'all',
    ruleVersion: 1,
    strategy: 'least-loaded',
    candidates: [],
    explanation: 'test',
  };
  const assign = (
    data: { groupId: string | null; agentId: string | null },
    reason: AssignTicket['data']['reason'] = manual,
  ): AssignTicket => ({ type: 'AssignTicket', data: { ...data, reason } });
  const assigned = (data: { groupId: string | null; agentId: string | null }): TicketEvent => ({
    type: 'TicketAssigned',
    data: { ...data, reason: manual },
  });

  test.each([
    { to: 'group and agent', data: { groupId, agentId } },
    { to: 'a group', data: { groupId, agentId: null } },
    { to: 'an agent', data: { groupId: null, agentId: other } },
  ])('to $to, once', ({ data }) => {
    const command = assign(data);
    given(ticket, created).when(command, known).thenEvents(assigned(data));
    given(ticket, created, assigned(data)).when(command, known).thenNothing();
  });

  test('can be taken back', () => {
    const data = { groupId: null, agentId: null };
    const command = assign(data);
    given(ticket, created, assigned({ groupId, agentId })).when(command, known).thenEvents(assigned(data));
    given(ticket, created).when(command, known).thenNothing();
  });

  test.each([
    { code: 'UNKNOWN_GROUP', data: { groupId: idFrom('test', 'no group'), agentId: null }, pointer: '/groupId' },
    { code: 'UNKNOWN_AGENT', data: { groupId, agentId: idFrom('test', 'nobody') }, pointer: '/agentId' },
    { code: 'AGENT_NOT_IN_GROUP', data: { groupId, agentId: other }, pointer: '/agentId' },
  ] as const)('$code', ({ code, data, pointer }) => {
    given(ticket, created)
      .when(assign(data), known)
      .thenRejects(code, { pointers: [pointer] });
  });

  test('routing fills a ticket that nobody has, and overrules nobody', () => {
    const data = { groupId, agentId };
    expect(given(ticket, created).when(assign(data, routing), known).events()).toMatchObject([{ data }]);
    given(ticket, created, assigned({ groupId: null, agentId: other }))
      .when(assign(data, routing), known)
      .thenNothing();
    given(ticket, ...past('closed'))
      .when(assign(data, routing), known)
      .thenNothing();
  });

  test('a closed ticket is assigned to nobody new', () => {
    given(ticket, ...past('closed'))
      .when(assign({ groupId, agentId }), known)
      .thenRejects('TICKET_CLOSED');
  });
});

describe('a ticket of the greatest length', () => {
  const notes = Array.from({ length: maxEvents - 1 }, (_, index): TicketEvent => {
    const { data } = agentSays({ visibility: 'internal', commentId: idFrom('test', 'note', index) });
    return { type: 'TicketCommented', data };
  });
  const full = given(ticket, created, ...notes);

  test('takes no more comments, changes of priority or work', () => {
    full.when(customerSays(), facts).thenRejects('TICKET_TOO_LONG', { extra: { length: maxEvents, maxEvents } });
    full.when({ type: 'ChangePriority', data: { to: 'high' } }, facts).thenRejects('TICKET_TOO_LONG');
    full.when({ type: 'ChangeStatus', data: { to: 'open' } }, facts).thenRejects('TICKET_TOO_LONG');
  });

  test('can be finished', () => {
    full.when({ type: 'ChangeStatus', data: { to: 'closed' } }, facts).thenEvents(changed('new', 'closed'));
  });
});

test('events of types from the future count towards the length and change nothing else', () => {
  const future = { type: 'TicketFrozen', data: {} } as unknown as TicketEvent;
  const { state } = given(ticket, created, future);
  expect(state).toEqual({ ...given(ticket, created).state, length: 2 });
  expect(given(ticket, future).state.exists).toBe(false);
});
