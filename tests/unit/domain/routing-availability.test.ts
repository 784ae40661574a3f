import { describe, expect, test } from 'vitest';
import type { RoutingRule } from '#contracts/settings.ts';
import type { Candidate } from '#packages/domain/routing/candidates.ts';
import { route } from '#packages/domain/routing/route.ts';
import type { Revision } from '#packages/domain/settings.ts';
import { idFrom } from '#packages/kernel/ids.ts';

const groupId = idFrom('group', 'support');
const revision = <K extends 'service' | 'routing-rule'>(kind: K, id: string, value: Revision<K>['value']) =>
  ({ kind, id, version: 3, savedAt: '2026-01-01T00:00:00.000Z', value }) as Revision<K>;
const rule = (changes: Partial<RoutingRule> = {}) =>
  revision('routing-rule', 'all', { name: 'all', order: 1, match: {}, groupId, strategy: 'least-loaded', ...changes });
const service = (id: string, skills?: string[]) =>
  revision('service', id, { name: id, parentId: null, active: true, ...(skills && { skills }) });
const agent = (agentId: string, openTickets: number, changes: Partial<Candidate> = {}): Candidate => ({
  agentId,
  openTickets,
  lastAssignedAt: null,
  skills: [],
  unavailable: null,
  ...changes,
});
const ticket = { mailboxId: 'support', priority: 'normal' } as const;
const routed = (candidates: Candidate[], rules = [rule()], services: Revision<'service'>[] = []) =>
  route(ticket, rules, new Map([[groupId, candidates]]), services);

describe('routing passes over', () => {
  test.each(['absent', 'outside hours', 'at capacity'] as const)('who is %s, and says so', (unavailable) => {
    const { agentId, reason } = routed([agent('a', 0, { unavailable }), agent('b', 5), agent('c', 7)]);
    expect(agentId).toBe('b');
    expect(reason.candidates).toEqual([
      { agentId: 'b', openTickets: 5 },
      { agentId: 'c', openTickets: 7 },
      { agentId: 'a', openTickets: 0, excluded: unavailable },
    ]);
    expect(reason.explanation).toContain('has 5 open tickets, the fewest in the group (passed over: 1 ');
  });

  test('everybody but one', () => {
    const { agentId, reason } = routed([agent('a', 0, { unavailable: 'absent' }), agent('b', 5)]);
    expect(agentId).toBe('b');
    expect(reason.explanation).toContain('is the only one who can be given it (passed over: 1 absent)');
  });

  test('everybody: the ticket waits in the group, with the reason', () => {
    const candidates = [
      agent('a', 0, { unavailable: 'absent' }),
      agent('b', 5, { unavailable: 'at capacity' }),
      agent('c', 1, { unavailable: 'absent' }),
    ];
    const decision = routed(candidates);
    expect(decision).toMatchObject({ groupId, agentId: null, reason: { strategy: 'least-loaded' } });
    expect(decision.reason.explanation).toBe(
      'Rule "all" matches mailbox support with priority normal; nobody in the group can be given it (2 absent, 1 with as ' +
        'many open tickets as they take), so that it waits there for somebody to take it.',
    );
    expect(decision).toEqual(routed(candidates.toReversed()));
  });

  test('nobody where nobody is chosen', () => {
    const { reason } = routed(
      [agent('a', 0, { unavailable: 'absent' })],
      [rule({ strategy: 'group-only', skills: ['vpn'] })],
    );
    expect(reason.candidates).toEqual([{ agentId: 'a', openTickets: 0 }]);
    expect(reason).not.toHaveProperty('skills');
  });
});

describe('skills', () => {
  const candidates = [
    agent('a', 0),
    agent('b', 1, { skills: ['vpn'] }),
    agent('c', 2, { skills: ['german', 'vpn', 'mac'] }),
  ];

  test('of the rule are needed, all of them', () => {
    expect(routed(candidates, [rule({ skills: ['vpn'] })]).agentId).toBe('b');
    const { agentId, reason } = routed(candidates, [rule({ skills: ['vpn', 'german'] })]);
    expect(agentId).toBe('c');
    expect(reason.skills).toEqual(['german', 'vpn']);
    expect(reason.candidates.slice(1)).toEqual([
      { agentId: 'a', openTickets: 0, excluded: 'lacks skill' },
      { agentId: 'b', openTickets: 1, excluded: 'lacks skill' },
    ]);
    expect(reason.explanation).toContain('2 without german and vpn');
  });

  test('of the nearest service that wants some are needed besides', () => {
    const path = [service('toner'), service('printers', ['mac']), service('hardware', ['welding'])];
    const { agentId, reason } = routed(candidates, [rule({ skills: ['vpn'] })], path);
    expect([agentId, reason.skills]).toEqual(['c', ['mac', 'vpn']]);
  });

  test('that nobody has leave the ticket with the group', () => {
    expect(routed(candidates, [rule({ skills: ['welding'] })])).toMatchObject({ groupId, agentId: null });
  });

  test('say more than an absence', () => {
    const { reason } = routed([agent('a', 0, { unavailable: 'absent' })], [rule({ skills: ['vpn'] })]);
    expect(reason.candidates).toEqual([{ agentId: 'a', openTickets: 0, excluded: 'lacks skill' }]);
  });
});
