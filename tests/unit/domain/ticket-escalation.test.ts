import { describe, expect, test } from 'vitest';
import type { TicketCommand } from '#packages/domain/ticket/commands.ts';
import type { Directory } from '#packages/domain/ticket/handlers.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { playTicket } from '#tests/support/ticket-play.ts';
import { createTicket } from '#tests/support/tickets.ts';

const [first, second, ada] = [idFrom('first line'), idFrom('second line'), idFrom('ada')];
const directory: Directory = {
  membersOf: (id) => (id === first || id === second ? new Set([ada]) : null),
  isAgent: () => true,
  above: (id) => (id === first ? second : null),
};
const escalate: TicketCommand = { type: 'EscalateTicket', data: { explanation: 'Needs the firewall.' } };
const assign = (groupId: string | null): TicketCommand => ({
  type: 'AssignTicket',
  data: { groupId, agentId: ada, reason: { kind: 'manual' } },
});
const play = (...commands: TicketCommand[]) => {
  const ticket = playTicket({ directory });
  for (const command of [createTicket(), ...commands]) ticket.do(command);
  return ticket;
};
const codeOf = (act: () => unknown) => {
  try {
    return act();
  } catch (error) {
    return isAppError(error) ? error.code : error;
  }
};

describe('an escalation', () => {
  test('hands the ticket to the group above, where nobody has it yet', () => {
    const ticket = play(assign(first));
    expect(ticket.do(escalate).events).toEqual([
      {
        type: 'TicketAssigned',
        data: {
          groupId: second,
          agentId: null,
          reason: { kind: 'escalation', fromGroupId: first, explanation: 'Needs the firewall.' },
        },
      },
    ]);
    expect(ticket.state()).toMatchObject({ groupId: second, agentId: null });
  });

  test('is taken back exactly, also when the hand-over was taken back and done again', () => {
    const ticket = play(assign(first));
    const { commandId } = ticket.do(escalate);
    ticket.do({ type: 'UndoCommand', data: { commandId } });
    expect(ticket.state()).toMatchObject({ groupId: first, agentId: ada });
    const again = ticket.do(escalate);
    ticket.do({ type: 'UndoCommand', data: { commandId: again.commandId } });
    expect(ticket.state()).toMatchObject({ groupId: first, agentId: ada });
  });

  test('stays once somebody above has taken the ticket', () => {
    const ticket = play(assign(first));
    const { commandId } = ticket.do(escalate);
    ticket.do(assign(second));
    expect(codeOf(() => ticket.do({ type: 'UndoCommand', data: { commandId } }))).toBe('UNDO_REFUSED');
  });

  test.each([
    { why: 'of the last line', before: [assign(second)], code: 'NO_LINE_ABOVE' },
    { why: 'in no group', before: [], code: 'NO_LINE_ABOVE' },
    {
      why: 'that is closed',
      before: [assign(first), { type: 'ChangeStatus', data: { to: 'closed' } }],
      code: 'TICKET_CLOSED',
    },
    {
      why: 'that is spam',
      before: [assign(first), { type: 'MarkSpam', data: { reason: null } }],
      code: 'TICKET_IS_SPAM',
    },
  ] as { why: string; before: TicketCommand[]; code: string }[])('is refused for a ticket $why', ({ before, code }) => {
    const ticket = play(...before);
    expect(codeOf(() => ticket.do(escalate))).toBe(code);
  });

  test('is refused when the group above is gone', () => {
    const ticket = play(assign(first));
    const gone = { ...directory, membersOf: () => null };
    expect(codeOf(() => ticket.do(escalate, { directory: gone }))).toBe('UNKNOWN_GROUP');
  });
});
