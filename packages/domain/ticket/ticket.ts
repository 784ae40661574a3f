import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Status } from '#contracts/primitives.ts';
import { problems } from '#contracts/problems.ts';
import type { Decider } from '#packages/domain/decider.ts';
import { breachOf } from '#packages/domain/sla/clock.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { type ClockFacts, clockEvents } from './clocks.ts';
import type {
  AddComment,
  AssignTicket,
  BreachSla,
  ChangePriority,
  ChangeStatus,
  CreateTicket,
  TicketCommand,
} from './commands.ts';
import { evolve, initial, isConversation, type Ticket, type TicketState } from './state.ts';
import { checkTransition, isDone } from './status.ts';

type StatusReason = Extract<TicketEvent, { type: 'TicketStatusChanged' }>['data']['reason'];

/** What is known about groups and agents when a ticket is assigned. */
export type Directory = {
  /** Ids of a group's members; null when there is no such group. */
  membersOf(groupId: string): ReadonlySet<string> | null;
  isAgent(personId: string): boolean;
};

/** For commands that assign nobody. */
export const noDirectory: Directory = { membersOf: () => null, isAgent: () => false };

export type TicketFacts = ClockFacts & { readonly directory: Directory };

/** A longer ticket is a sign of a loop, and every command reads the whole stream. */
export const maxEvents = 5_000;

/**
 * One ticket. Each event is followed by the SLA clock events it brings about, in the same append. Refuses with
 * TICKET_EXISTS, TICKET_NOT_FOUND, TICKET_TOO_LONG, TICKET_CLOSED, ILLEGAL_TRANSITION, UNKNOWN_GROUP, UNKNOWN_AGENT,
 * AGENT_NOT_IN_GROUP, and with READ_MODEL_UNAVAILABLE when `facts.settings` lack a calendar the ticket was timed by.
 */
export const ticket: Decider<TicketState, TicketCommand, TicketEvent, TicketFacts> = {
  initial,
  evolve,
  decide: (command, state, facts) =>
    command.type === 'CreateTicket' ? create(command, state, facts) : change(command, state, facts),
};

function create({ data }: CreateTicket, state: TicketState, facts: TicketFacts): TicketEvent[] {
  if (state.exists) throw new AppError('TICKET_EXISTS');
  return withClocks(state, [{ type: 'TicketCreated', data }], facts);
}

function change(command: Exclude<TicketCommand, CreateTicket>, state: TicketState, facts: TicketFacts): TicketEvent[] {
  if (!state.exists) throw new AppError('TICKET_NOT_FOUND');
  if (command.type === 'BreachSla') return breach(command, state, facts.now);
  checkLength(command, state);
  switch (command.type) {
    case 'AddComment':
      return withClocks(state, comment(command, state), facts);
    case 'AssignTicket':
      return assign(command, state, facts.directory);
    case 'ChangeStatus':
      return withClocks(state, changeStatus(command, state), facts);
    case 'ChangePriority':
      return withClocks(state, changePriority(command, state), facts);
    default:
      return command satisfies never;
  }
}

/** A full ticket can still be finished, and its clocks can still be told the time. */
function checkLength(command: TicketCommand, { length }: Ticket): void {
  if (length < maxEvents || (command.type === 'ChangeStatus' && isDone(command.data.to))) return;
  throw new AppError('TICKET_TOO_LONG', { extra: { length, maxEvents } });
}

/**
 * A conversation takes up work again: an agent's first reply opens a new ticket, a customer's message one that waited
 * or was resolved. Notes and automatic mail move nothing, and are the only comments a closed ticket still takes.
 */
function comment({ data: { status, ...data } }: AddComment, state: Ticket): TicketEvent[] {
  if (state.commentIds.includes(data.commentId)) return [];
  const reopens = data.authorRole === 'agent' && status !== undefined && status !== 'closed';
  if (isConversation(data) && !reopens) refuseClosed(state);
  const commented: TicketEvent = { type: 'TicketCommented', data };
  if (status !== undefined) return [commented, ...statusChange(state, status, 'manual')];
  if (!isConversation(data)) return [commented];
  if (data.authorRole === 'agent')
    return state.status === 'new' ? [commented, ...statusChange(state, 'open', 'agent-replied')] : [commented];
  const waited = state.status === 'pending' || state.status === 'on-hold' || state.status === 'resolved';
  return waited ? [commented, ...statusChange(state, 'open', 'customer-replied')] : [commented];
}

/** Routing only fills what nobody has filled: who was first, a person or another router, is not overruled. */
function assign({ data }: AssignTicket, state: Ticket, directory: Directory): TicketEvent[] {
  const { groupId, agentId } = data;
  if (groupId === state.groupId && agentId === state.agentId) return [];
  const taken = state.groupId !== null || state.agentId !== null;
  if (data.reason.kind === 'routing' && (taken || state.status === 'closed')) return [];
  refuseClosed(state);
  const members = groupId === null ? null : directory.membersOf(groupId);
  if (groupId !== null && members === null) throw unknown('UNKNOWN_GROUP', '/groupId');
  if (agentId !== null && !directory.isAgent(agentId)) throw unknown('UNKNOWN_AGENT', '/agentId');
  if (members && agentId !== null && !members.has(agentId)) throw unknown('AGENT_NOT_IN_GROUP', '/agentId');
  return [{ type: 'TicketAssigned', data }];
}

const unknown = (code: 'UNKNOWN_GROUP' | 'UNKNOWN_AGENT' | 'AGENT_NOT_IN_GROUP', pointer: string) =>
  new AppError(code, { fields: [{ pointer, detail: problems[code].title }] });

const changeStatus = ({ data }: ChangeStatus, state: Ticket) => statusChange(state, data.to, 'manual');

function statusChange({ status: from }: Ticket, to: Status, reason: StatusReason): TicketEvent[] {
  if (from === to) return [];
  checkTransition(from, to);
  return [{ type: 'TicketStatusChanged', data: { from, to, reason } }];
}

function changePriority({ data: { to } }: ChangePriority, state: Ticket): TicketEvent[] {
  if (state.priority === to) return [];
  refuseClosed(state);
  return [{ type: 'TicketPriorityChanged', data: { from: state.priority, to } }];
}

/** A firing counts only for the deadline that is armed now: timers may be late, repeated, or of another time. */
function breach({ data }: BreachSla, { sla }: Ticket, now: Temporal.Instant): TicketEvent[] {
  const clock = sla[data.clock];
  if (clock?.phase !== 'running' || clock.breached) return [];
  const dueAt = Temporal.Instant.from(clock.dueAt);
  const armed = dueAt.equals(Temporal.Instant.from(data.dueAt));
  return armed && now.epochMilliseconds >= dueAt.epochMilliseconds ? [breachOf(clock, clock.dueAt)] : [];
}

function refuseClosed({ status, number }: Ticket): void {
  if (status !== 'closed') return;
  throw new AppError('TICKET_CLOSED', { detail: `Ticket ${number} is closed.` });
}

/** Follows each event with the clock events it brings about, each decided on the state that it is appended to. */
function withClocks(state: TicketState, events: readonly TicketEvent[], facts: ClockFacts): TicketEvent[] {
  const at = toTimestamp(facts.now);
  const decided: TicketEvent[] = [];
  let current = state;
  for (const event of events) {
    const before = current;
    const after = apply(before, event, at);
    const clocks = after.exists ? clockEvents(before.exists ? before : null, event, after, facts) : [];
    current = clocks.reduce<TicketState>((ticket, clock) => apply(ticket, clock, at), after);
    decided.push(event, ...clocks);
  }
  return decided;
}

const apply = (state: TicketState, event: TicketEvent, at: string): TicketState =>
  evolve(state, { ...event, version: state.length + 1, metadata: { at } });
