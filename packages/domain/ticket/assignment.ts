import type { TicketEvent } from '#contracts/events/ticket.ts';
import { problems } from '#contracts/problems.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { AssignTicket, EscalateTicket } from './commands.ts';
import type { Handlers, TicketFacts } from './handlers.ts';
import type { Ticket } from './state.ts';
import { refuseClosed } from './status.ts';

/**
 * Who works on a ticket. Refuses with TICKET_CLOSED, UNKNOWN_GROUP, UNKNOWN_AGENT, AGENT_NOT_IN_GROUP and NO_LINE_ABOVE.
 */
export const assignment: Handlers<AssignTicket | EscalateTicket> = { AssignTicket: assign, EscalateTicket: escalate };

/** It waits for somebody of the group above to take it: whoever had it is not asked any more. */
function escalate({ data }: EscalateTicket, ticket: Ticket, facts: TicketFacts): TicketEvent[] {
  const { groupId: fromGroupId } = ticket;
  const groupId = fromGroupId && facts.directory.above(fromGroupId);
  if (!fromGroupId || !groupId) {
    const detail = fromGroupId ? 'The group hands over to no other.' : 'The ticket is in no group.';
    throw new AppError('NO_LINE_ABOVE', { detail });
  }
  const reason = { kind: 'escalation' as const, fromGroupId, explanation: data.explanation };
  return assign({ type: 'AssignTicket', data: { groupId, agentId: null, reason } }, ticket, facts);
}

/**
 * Routing only fills what nobody has filled: who was first, a person or another router, is not overruled, nor is who took
 * the ticket from everybody before routing got to it. A ticket that it left waiting in a group it may give to somebody of
 * that group later, unless somebody has said that nobody is to have it.
 */
function assign({ data }: AssignTicket, ticket: Ticket, { directory }: TicketFacts): TicketEvent[] {
  const { groupId, agentId } = data;
  const held = ticket.awaitsAgent && data.reason.kind === 'manual';
  if (groupId === ticket.groupId && agentId === ticket.agentId && !held) return [];
  const waits = ticket.awaitsAgent && groupId === ticket.groupId;
  const taken = !waits && ticket.wasAssigned;
  if (data.reason.kind === 'routing' && (taken || ticket.status === 'closed')) return [];
  refuseClosed(ticket);
  const members = groupId === null ? null : directory.membersOf(groupId);
  if (groupId !== null && members === null) throw unknown('UNKNOWN_GROUP', '/groupId');
  if (agentId !== null && !directory.isAgent(agentId)) throw unknown('UNKNOWN_AGENT', '/agentId');
  if (members && agentId !== null && !members.has(agentId)) throw unknown('AGENT_NOT_IN_GROUP', '/agentId');
  return [{ type: 'TicketAssigned', data }];
}

const unknown = (code: 'UNKNOWN_GROUP' | 'UNKNOWN_AGENT' | 'AGENT_NOT_IN_GROUP', pointer: string) =>
  new AppError(code, { fields: [{ pointer, detail: problems[code].title }] });
