import { describe, expect, test } from 'vitest';
import type { Candidate } from '#packages/domain/routing/candidates.ts';
import { routeWaiting } from '#packages/domain/routing/route.ts';
import type { AssignTicket } from '#packages/domain/ticket/commands.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { everybodyServes, playTicket } from '#tests/support/ticket-play.ts';
import { createTicket } from '#tests/support/tickets.ts';

const [support, sales, ada, bo] = [idFrom('support'), idFrom('sales'), idFrom('ada'), idFrom('bo')];
const reason = {
  kind: 'routing' as const,
  ruleId: 'all',
  ruleVersion: 2,
  strategy: 'least-loaded' as const,
  skills: ['vpn'],
  candidates: [{ agentId: ada, openTickets: 0, excluded: 'absent' as const }],
  explanation: 'Nobody is there.',
};
const member = (agentId: string, openTickets: number, changes: Partial<Candidate> = {}): Candidate => ({
  agentId,
  openTickets,
  lastAssignedAt: null,
  skills: ['vpn'],
  unavailable: null,
  ...changes,
});

describe('a ticket that waits in its group', () => {
  const waiting = { groupId: support, reason };

  test('is given to somebody on the terms that left it there', () => {
    const candidates = [member(bo, 3), member(ada, 1), member(idFrom('cy'), 0, { skills: [] })];
    expect(routeWaiting(waiting, candidates)).toEqual({
      groupId: support,
      agentId: ada,
      reason: {
        ...reason,
        candidates: [
          { agentId: ada, openTickets: 1 },
          { agentId: bo, openTickets: 3 },
          { agentId: idFrom('cy'), openTickets: 0, excluded: 'lacks skill' },
        ],
        explanation:
          'It waited in the group for somebody; the agent has 1 open ticket, the fewest in the group (passed over: 1 without vpn).',
      },
    });
  });

  test('goes on waiting while there is nobody', () => {
    expect(routeWaiting(waiting, [])).toBeNull();
    expect(routeWaiting(waiting, [member(ada, 0, { unavailable: 'at capacity' })])).toBeNull();
  });
});

describe('routing gives a ticket of its group to somebody', () => {
  const assign = (data: Partial<AssignTicket['data']>): AssignTicket => ({
    type: 'AssignTicket',
    data: { groupId: support, agentId: null, reason, ...data },
  });
  const give = assign({ agentId: ada });
  const played = (...commands: AssignTicket[]) => {
    const ticket = playTicket({ directory: everybodyServes([ada, bo]) });
    for (const command of [createTicket(), ...commands]) ticket.do(command);
    return ticket;
  };

  test('when it had left it waiting there, once', () => {
    const ticket = played(assign({}));
    expect(ticket.do(give).events).toMatchObject([
      { type: 'TicketAssigned', data: { groupId: support, agentId: ada } },
    ]);
    expect(ticket.do(assign({ agentId: bo })).events).toEqual([]);
  });

  test.each([
    { why: 'somebody took it meanwhile', commands: [assign({}), assign({ agentId: bo, reason: { kind: 'manual' } })] },
    {
      why: 'it is in another group by now',
      commands: [assign({}), assign({ groupId: sales, reason: { kind: 'manual' } })],
    },
    { why: 'somebody gave it to the group', commands: [assign({ reason: { kind: 'manual' } })] },
    {
      why: 'somebody took it from everybody',
      commands: [
        assign({ agentId: bo, reason: { kind: 'manual' } }),
        assign({ groupId: null, reason: { kind: 'manual' } }),
      ],
    },
    { why: 'somebody said that it stays with nobody', commands: [assign({}), assign({ reason: { kind: 'manual' } })] },
    { why: 'the rule names the group only', commands: [assign({ reason: { ...reason, strategy: 'group-only' } })] },
  ])('but not when $why', ({ commands }) => {
    expect(played(...commands).do(give).events).toEqual([]);
  });

  test('and to say so once is enough', () => {
    const ticket = played(assign({}));
    const stay = assign({ reason: { kind: 'manual' } });
    expect(ticket.do(stay).events).toMatchObject([
      { type: 'TicketAssigned', data: { groupId: support, agentId: null } },
    ]);
    expect(ticket.do(stay).events).toEqual([]);
    expect(ticket.do(assign({})).events).toEqual([]);
  });

  test('and what it did can be undone', () => {
    const ticket = played(assign({}));
    const { commandId } = ticket.do(give);
    ticket.do({ type: 'UndoCommand', data: { commandId } });
    expect(ticket.state()).toMatchObject({ groupId: support, agentId: null });
    expect(ticket.do(give).events).toEqual([]);
  });
});
