import { describe, expect, test } from 'vitest';
import type { RoutingRule } from '#contracts/settings.ts';
import type { Candidate } from '#packages/domain/routing/candidates.ts';
import { route } from '#packages/domain/routing/route.ts';
import type { Revision } from '#packages/domain/settings.ts';
import { idFrom } from '#packages/kernel/ids.ts';

const support = idFrom('group', 'support');
const sales = idFrom('group', 'sales');
const rule = (id: string, changes: Partial<RoutingRule> = {}): Revision<'routing-rule'> => ({
  kind: 'routing-rule',
  id,
  version: 3,
  savedAt: '2026-01-01T00:00:00.000Z',
  value: { name: id, order: 10, match: {}, groupId: support, strategy: 'least-loaded', ...changes },
});
const agent = (agentId: string, openTickets: number, lastAssignedAt: string | null = null): Candidate => ({
  agentId,
  openTickets,
  lastAssignedAt,
  skills: [],
  unavailable: null,
});
const ticket = { mailboxId: 'support', priority: 'normal' } as const;
const groups = (...candidates: Candidate[]) => new Map([[support, candidates]]);

describe('the rule', () => {
  test.each([
    { why: 'first by order', rules: [rule('b', { order: 2 }), rule('a', { order: 1 })], chosen: 'a' },
    { why: 'then by id', rules: [rule('b'), rule('a')], chosen: 'a' },
    { why: 'by mailbox', rules: [rule('a', { match: { mailboxes: ['sales'] } }), rule('b')], chosen: 'b' },
    { why: 'by priority', rules: [rule('a', { match: { priorities: ['urgent'] } }), rule('b')], chosen: 'b' },
    {
      why: 'by both',
      rules: [rule('a', { match: { mailboxes: ['support'], priorities: ['normal', 'low'] } }), rule('b')],
      chosen: 'a',
    },
    { why: 'whose group exists', rules: [rule('a', { groupId: sales }), rule('b')], chosen: 'b' },
  ])('is chosen $why', ({ rules, chosen }) => {
    const { reason } = route(ticket, rules, groups(agent('x', 0)));
    expect(reason).toMatchObject({ ruleId: chosen, ruleVersion: 3 });
  });

  test('a ticket without mailbox is in no list of mailboxes', () => {
    const rules = [rule('a', { match: { mailboxes: ['support'] } })];
    expect(route({ ...ticket, mailboxId: null }, rules, groups(agent('x', 0))).reason.ruleId).toBeNull();
  });

  test('without one the ticket stays unassigned, and the reason says so', () => {
    expect(route(ticket, [], groups())).toEqual({
      groupId: null,
      agentId: null,
      reason: {
        kind: 'routing',
        ruleId: null,
        ruleVersion: null,
        strategy: 'group-only',
        candidates: [],
        explanation: 'No routing rule matches mailbox support with priority normal; the ticket stays unassigned.',
      },
    });
  });
});

describe('the agent', () => {
  test.each([
    { why: 'fewest open tickets', candidates: [agent('a', 2), agent('b', 1)], chosen: 'b', says: 'the fewest' },
    {
      why: 'of equals, longest without a new one',
      candidates: [agent('a', 1, '2026-03-02T10:00:00.000Z'), agent('b', 1, '2026-03-02T09:00:00.000Z')],
      chosen: 'b',
      says: 'longest ago',
    },
    {
      why: 'of equals, never assigned before',
      candidates: [agent('a', 1, '2026-03-02T10:00:00.000Z'), agent('b', 1)],
      chosen: 'b',
      says: 'longest ago',
    },
    { why: 'then by id', candidates: [agent('b', 1), agent('a', 1)], chosen: 'a', says: 'first by id' },
    { why: 'the only one', candidates: [agent('a', 1)], chosen: 'a', says: '1 open ticket and is the only member' },
    { why: 'nobody in an empty group', candidates: [], chosen: null, says: 'no members' },
  ])('$why', ({ candidates, chosen, says }) => {
    const decision = route(ticket, [rule('all')], groups(...candidates));
    expect(decision).toMatchObject({ groupId: support, agentId: chosen });
    expect(decision.reason.explanation).toContain(says);
    expect(decision).toEqual(route(ticket, [rule('all')], groups(...candidates.toReversed())));
  });

  test('all candidates are kept in the reason, best first', () => {
    const { reason } = route(ticket, [rule('all')], groups(agent('a', 3), agent('b', 0), agent('c', 1)));
    expect(reason.candidates).toEqual([
      { agentId: 'b', openTickets: 0 },
      { agentId: 'c', openTickets: 1 },
      { agentId: 'a', openTickets: 3 },
    ]);
    expect(reason.explanation).toBe(
      'Rule "all" matches mailbox support with priority normal; the agent has 0 open tickets, the fewest in the group.',
    );
  });

  test('is left open by a rule that names the group only', () => {
    const decision = route(ticket, [rule('all', { strategy: 'group-only' })], groups(agent('a', 0)));
    expect(decision).toMatchObject({ groupId: support, agentId: null, reason: { strategy: 'group-only' } });
  });
});
