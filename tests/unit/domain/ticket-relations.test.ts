import { describe, expect, test } from 'vitest';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { ChangeCommand } from '#packages/domain/ticket/commands.ts';
import { noDirectory } from '#packages/domain/ticket/handlers.ts';
import { maxAbsorbed } from '#packages/domain/ticket/merging.ts';
import { maxChildren } from '#packages/domain/ticket/parents.ts';
import { isBound } from '#packages/domain/ticket/relations-state.ts';
import { maxEvents, ticket } from '#packages/domain/ticket/ticket.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { given } from '#tests/support/given.ts';
import { settingsOf } from '#tests/support/settings.ts';
import { agentSays, createTicket, customerId, customerSays, message, newTicket } from '#tests/support/tickets.ts';

const now = Temporal.Instant.from('2026-03-02T10:00:00Z');
const facts = { now, settings: settingsOf(), directory: noDirectory };
const other = { ticketId: idFrom('test', 'other'), number: 2002 };
const self = { ticketId: idFrom('test', 'self'), number: 1001 };
const mergeId = idFrom('test', 'merge');
const changeId = idFrom('test', 'change');

const created: TicketEvent = { type: 'TicketCreated', data: newTicket() };
const into = { mergeId, into: other.ticketId, number: other.number };
const merged: TicketEvent = { type: 'TicketMerged', data: into };
const unmerged: TicketEvent = { type: 'TicketUnmerged', data: into };
const absorbed: TicketEvent = { type: 'TicketAbsorbed', data: { mergeId, ...other, requesterId: customerId } };
const spam: TicketEvent = { type: 'TicketMarkedSpam', data: { reason: null } };
const closed: TicketEvent = { type: 'TicketStatusChanged', data: { from: 'new', to: 'closed', reason: 'manual' } };
const child = (n = 0): TicketEvent => ({
  type: 'TicketChildAdded',
  data: { changeId: n ? idFrom('change', n) : changeId, ...other },
});
const parent = (id = changeId): TicketEvent => ({
  type: 'TicketParentChanged',
  data: { changeId: id, parent: other, previous: null },
});

const prepareMerge = (number = other.number): ChangeCommand => ({
  type: 'PrepareMerge',
  data: { mergeId, into: { ...other, number } },
});
const offer = (changes = {}): ChangeCommand => ({
  type: 'OfferMerge',
  data: { mergeId, ...other, requesterId: customerId, ...changes },
});
const settle = (refusal: 'cycle' | 'set-aside' | null = null): ChangeCommand => ({
  type: 'SettleMerge',
  data: { ...into, refusal },
});
const unmerge: ChangeCommand = { type: 'Unmerge', data: {} };

describe('merging', () => {
  test('is offered to the survivor and settled by the ticket that goes into it', () => {
    given(ticket, created).when(offer(), facts).thenEvents(absorbed);
    given(ticket, created).when(settle(), facts).thenEvents(merged);
  });

  test('the first answer counts, and the same offer is made once', () => {
    given(ticket, created, merged).when(settle('cycle'), facts).thenNothing();
    given(ticket, created, merged, unmerged).when(settle(), facts).thenNothing();
    given(ticket, created, absorbed).when(offer(), facts).thenNothing();
    const released: TicketEvent = { type: 'TicketReleased', data: { mergeId, ...other, reason: 'declined' } };
    given(ticket, created, absorbed, released).when(offer(), facts).thenNothing();
  });

  test('comes to nothing when the tickets lead round, or somebody else was first', () => {
    const declined = (reason: 'cycle' | 'set-aside'): TicketEvent => ({
      type: 'TicketMergeDeclined',
      data: { ...into, reason },
    });
    given(ticket, created).when(settle('cycle'), facts).thenEvents(declined('cycle'));
    given(ticket, created, spam).when(settle(), facts).thenEvents(declined('set-aside'));
    given(ticket, created, declined('cycle')).when(settle(), facts).thenNothing();
  });

  test('is refused for the ticket itself, a closed survivor, and whoever is set aside', () => {
    const toItself = { pointers: ['/into'] };
    given(ticket, created).when(prepareMerge(1001), facts).thenRejects('RELATION_TO_ITSELF', toItself);
    given(ticket, created)
      .when(offer({ number: 1001 }), facts)
      .thenRejects('RELATION_TO_ITSELF', toItself);
    given(ticket, created, closed).when(offer(), facts).thenRejects('TICKET_CLOSED');
    given(ticket, created, spam).when(offer(), facts).thenRejects('TICKET_IS_SPAM');
    given(ticket, created, spam).when(prepareMerge(), facts).thenRejects('TICKET_IS_SPAM');
    const another: ChangeCommand = { type: 'PrepareMerge', data: { mergeId: changeId, into: self } };
    const extra = { into: other.ticketId, number: other.number };
    given(ticket, created, merged)
      .when({ ...another, data: { ...another.data, into: other } }, facts)
      .thenRejects('TICKET_MERGED', { extra });
    given(ticket, created, merged)
      .when(offer({ mergeId: changeId }), facts)
      .thenRejects('TICKET_MERGED', { extra });
    const many = Array.from(
      { length: maxAbsorbed },
      (_, n): TicketEvent => ({
        type: 'TicketAbsorbed',
        data: { mergeId: idFrom('merge', n), ticketId: idFrom('t', n), number: n + 1, requesterId: customerId },
      }),
    );
    given(ticket, created, ...many)
      .when(offer(), facts)
      .thenRejects('RELATION_LIMIT', { extra: { max: maxAbsorbed } });
  });

  test('is taken back on both sides', () => {
    given(ticket, created, merged).when(unmerge, facts).thenEvents(unmerged);
    given(ticket, created).when(unmerge, facts).thenRejects('NOT_MERGED');
    given(ticket, created, merged, unmerged).when(unmerge, facts).thenRejects('NOT_MERGED');
    const release: ChangeCommand = { type: 'ReleaseMerge', data: { mergeId, reason: 'unmerged' } };
    given(ticket, created, absorbed)
      .when(release, facts)
      .thenEvents({ type: 'TicketReleased', data: { mergeId, ...other, reason: 'unmerged' } });
    given(ticket, created).when(release, facts).thenNothing();
    // The survivor may have been set aside itself since.
    expect(given(ticket, created, absorbed, spam).when(release, facts).events()).toHaveLength(1);
  });

  test('an offer counts until the other ticket has settled it otherwise', () => {
    const { state } = given(ticket, created, absorbed);
    const held = state.relations.absorbed[0]!;
    expect(held).toEqual({ id: mergeId, ...other });
    expect(isBound(held, given(ticket, created).state)).toBe(true);
    expect(isBound(held, given(ticket, created, merged).state)).toBe(true);
    expect(isBound(held, given(ticket, created, merged, unmerged).state)).toBe(false);
  });
});

describe('a ticket that is set aside', () => {
  const commands: ChangeCommand[] = [
    agentSays(),
    agentSays({ visibility: 'internal' }),
    customerSays(),
    { type: 'ChangeStatus', data: { to: 'open' } },
    { type: 'ChangePriority', data: { to: 'high' } },
    { type: 'AssignTicket', data: { groupId: null, agentId: null, reason: { kind: 'manual' } } },
    { type: 'LinkTicket', data: { linkId: mergeId, kind: 'related', ...other } },
    { type: 'OfferChild', data: { changeId, ...other } },
    { type: 'PrepareParent', data: { parent: other } },
    { type: 'PrepareMoveIn', data: {} },
  ];

  test.each(commands)('refuses $type', (command) => {
    const extra = { into: other.ticketId, number: other.number };
    given(ticket, created, merged).when(command, facts).thenRejects('TICKET_MERGED', { extra });
    given(ticket, created, spam).when(command, facts).thenRejects('TICKET_IS_SPAM');
    expect(given(ticket, created, merged, unmerged).state.setAside).toBeNull();
  });

  test('has nothing done to it by timers and routing', () => {
    const rule = { ruleId: null, ruleVersion: null, strategy: 'group-only' as const };
    const reason = { kind: 'routing' as const, ...rule, candidates: [], explanation: '' };
    for (const aside of [merged, spam]) {
      const it = given(ticket, created, aside);
      it.when({ type: 'BreachSla', data: { clock: 'resolution', dueAt: now.toString() } }, facts).thenNothing();
      it.when({ type: 'AssignTicket', data: { groupId: mergeId, agentId: null, reason } }, facts).thenNothing();
    }
  });

  test('spam is marked once and restored once; what is merged is neither', () => {
    const mark: ChangeCommand = { type: 'MarkSpam', data: { reason: 'lottery' } };
    const restore: ChangeCommand = { type: 'RestoreTicket', data: { reason: null } };
    given(ticket, created)
      .when(mark, facts)
      .thenEvents({ type: 'TicketMarkedSpam', data: { reason: 'lottery' } });
    given(ticket, created, spam).when(mark, facts).thenNothing();
    given(ticket, created, spam)
      .when(restore, facts)
      .thenEvents({ type: 'TicketRestored', data: { reason: null } });
    given(ticket, created).when(restore, facts).thenNothing();
    given(ticket, created, merged).when(mark, facts).thenRejects('TICKET_MERGED');
    given(ticket, created, merged).when(restore, facts).thenRejects('TICKET_MERGED');
  });

  test('a ticket as long as it may be can still be taken back and set aside', () => {
    const note: TicketEvent = { type: 'TicketPriorityChanged', data: { from: 'low', to: 'high' } };
    const full = [created, ...Array.from({ length: maxEvents - 1 }, () => note)];
    given(ticket, ...full)
      .when(settle(), facts)
      .thenEvents(merged);
    given(ticket, ...full, merged)
      .when(unmerge, facts)
      .thenEvents(unmerged);
    given(ticket, ...full)
      .when(offer(), facts)
      .thenRejects('TICKET_TOO_LONG');
    given(ticket, ...full)
      .when({ type: 'PrepareMoveIn', data: {} }, facts)
      .thenRejects('TICKET_TOO_LONG');
  });
});

describe('parents', () => {
  const settleParent = (changes: object = {}): ChangeCommand => ({
    type: 'SettleParent',
    data: { changeId, parent: other, refusal: null, ...changes },
  });

  test('are offered the child, and the child settles it', () => {
    given(ticket, created)
      .when({ type: 'OfferChild', data: { changeId, ...other } }, facts)
      .thenEvents(child());
    given(ticket, created).when(settleParent(), facts).thenEvents(parent());
    given(ticket, created, parent())
      .when(settleParent({ refusal: 'cycle' }), facts)
      .thenNothing();
    const declined: TicketEvent = { type: 'TicketParentDeclined', data: { changeId, parent: other, reason: 'cycle' } };
    given(ticket, created)
      .when(settleParent({ refusal: 'cycle' }), facts)
      .thenEvents(declined);
  });

  test('a child that changes hands or becomes its own names the parent before', () => {
    const previous = { changeId, ...other };
    const next = idFrom('test', 'next');
    const moved: TicketEvent = { type: 'TicketParentChanged', data: { changeId: next, parent: null, previous } };
    given(ticket, created, parent())
      .when(settleParent({ changeId: next, parent: null }), facts)
      .thenEvents(moved);
    given(ticket, created)
      .when(settleParent({ parent: null }), facts)
      .thenNothing();
    const left: ChangeCommand = { type: 'ReleaseChild', data: { changeId, reason: 'left' } };
    given(ticket, created, child())
      .when(left, facts)
      .thenEvents({ type: 'TicketChildRemoved', data: { ...previous, reason: 'left' } });
    given(ticket, created).when(left, facts).thenNothing();
  });

  test('have a limit, and are not the ticket itself nor closed', () => {
    const ask: ChangeCommand = { type: 'PrepareParent', data: { parent: self } };
    given(ticket, created)
      .when(ask, facts)
      .thenRejects('RELATION_TO_ITSELF', { pointers: ['/parent'] });
    const family = Array.from({ length: maxChildren }, (_, n) => child(n + 1));
    const one: ChangeCommand = { type: 'OfferChild', data: { changeId, ...other } };
    given(ticket, created, ...family)
      .when(one, facts)
      .thenRejects('RELATION_LIMIT', { extra: { max: maxChildren } });
    given(ticket, created, closed).when(one, facts).thenRejects('TICKET_CLOSED');
  });
});

describe('links', () => {
  const data = { linkId: mergeId, kind: 'blocks' as const, ...other };
  const link: ChangeCommand = { type: 'LinkTicket', data };
  const unlink: ChangeCommand = { type: 'UnlinkTicket', data: { kind: 'blocks', ticketId: other.ticketId } };
  const linked: TicketEvent = { type: 'TicketLinked', data };

  test('are made once and taken away once', () => {
    given(ticket, created).when(link, facts).thenEvents(linked);
    given(ticket, created, linked).when(link, facts).thenRejects('LINK_EXISTS');
    given(ticket, created, linked).when(unlink, facts).thenEvents({ type: 'TicketUnlinked', data });
    given(ticket, created).when(unlink, facts).thenRejects('LINK_NOT_FOUND');
    const again = { ...link, data: { ...data, ...self } };
    given(ticket, created)
      .when(again, facts)
      .thenRejects('RELATION_TO_ITSELF', { pointers: ['/ticket'] });
  });
});

describe('moving a message', () => {
  const says = customerSays();
  const said: TicketEvent = { type: 'TicketCommented', data: says.data };
  const { commentId } = says.data;
  const place = { moveId: mergeId, commentId, eventId: changeId };
  const out: Extract<TicketEvent, { type: 'TicketCommentMovedOut' }> = {
    type: 'TicketCommentMovedOut',
    data: { ...place, to: other, version: 2, opens: null },
  };
  const inward: Extract<TicketEvent, { type: 'TicketCommentMovedIn' }> = {
    type: 'TicketCommentMovedIn',
    data: {
      ...place,
      from: other,
      visibility: 'public',
      authorId: customerId,
      authorRole: 'customer',
      channel: 'email',
      saidAt: '2026-03-02T09:00:00.000Z',
      message: message(),
    },
  };
  const move = (changes: object = {}): ChangeCommand => ({ type: 'MoveCommentOut', data: { ...out.data, ...changes } });

  test('takes it from one ticket and gives it to the other', () => {
    given(ticket, created, said).when(move(), facts).thenEvents(out);
    given(ticket, created).when({ type: 'MoveCommentIn', data: inward.data }, facts).thenEvents(inward);
    given(ticket, created, inward).when({ type: 'MoveCommentIn', data: inward.data }, facts).thenNothing();
    expect(given(ticket, created, said, out).state.commentIds).toEqual([newTicket().commentId]);
    expect(given(ticket, created, inward).state.commentIds).toEqual([newTicket().commentId, commentId]);
  });

  test('is refused for a message that is not there, the first one, and the same ticket', () => {
    given(ticket, created).when(move(), facts).thenRejects('COMMENT_NOT_FOUND');
    given(ticket, created, said, out).when(move(), facts).thenRejects('COMMENT_NOT_FOUND');
    given(ticket, created)
      .when(move({ commentId: newTicket().commentId }), facts)
      .thenRejects('COMMENT_NOT_MOVABLE');
    given(ticket, created, said)
      .when(move({ to: self }), facts)
      .thenRejects('RELATION_TO_ITSELF');
    given(ticket, created, closed).when({ type: 'PrepareMoveIn', data: {} }, facts).thenRejects('TICKET_CLOSED');
  });

  test('one that is under way arrives, whatever became of the ticket meanwhile', () => {
    given(ticket, created, spam).when({ type: 'MoveCommentIn', data: inward.data }, facts).thenEvents(inward);
  });

  test('a ticket that is split off tells where its message came from', () => {
    const splitFrom = { ...place, ...other, saidAt: '2026-03-02T09:00:00.000Z' };
    const opened = createTicket({ splitFrom });
    given(ticket)
      .when(opened, facts)
      .thenEvents({ type: 'TicketCreated', data: newTicket({ splitFrom }) });
  });
});
