import type { TicketEvent } from '#contracts/events/ticket.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { assignment } from './assignment.ts';
import type { UndoCommand } from './commands.ts';
import type { PastEvent, TicketFacts } from './handlers.ts';
import { setAsideRefusal } from './set-aside.ts';
import { evolve, initial, type Ticket, type TicketState } from './state.ts';
import { refuseClosed } from './status.ts';
import { aspectsOf, obstacleOf, type UndoObstacle } from './undo-aspects.ts';
import { compensation } from './undo-compensation.ts';

/** Why a command cannot be undone: the event that is in the way. */
export type UndoReason = {
  readonly reason: UndoObstacle;
  readonly eventId: string;
  readonly type: TicketEvent['type'];
  readonly at: string;
};

const isClock = ({ type }: TicketEvent): boolean => type.startsWith('TicketSla');

/**
 * Takes back what a command did, exactly or not at all. In the way is what was said (it was read or mailed), what other
 * tickets have a part in (it has a way back of its own), a later change of the same thing, unless that was undone as
 * well, and an earlier undo; there is no limit of time. SLA clocks go on by their own rules. Refuses with
 * COMMAND_NOT_FOUND, UNDO_REFUSED (extra: `reasons`), TICKET_CLOSED, TICKET_MERGED and TICKET_IS_SPAM.
 */
export function undoCommand({ data: { commandId } }: UndoCommand, ticket: Ticket, facts: TicketFacts): TicketEvent[] {
  const history = facts.history ?? [];
  const done = eventsOf(history, commandId);
  const [first] = done;
  if (!first) throw new AppError('COMMAND_NOT_FOUND');
  refuse(obstacles(done, history, commandId));

  const aspects = new Set(done.flatMap(aspectsOf));
  if (ticket.setAside && !aspects.has('spam')) throw setAsideRefusal(ticket.number, ticket.setAside);
  refuseOnClosed(aspects, ticket);

  const past = history.filter(({ version }) => version < first.version);
  const before = stateAfter(past);
  if (!before.exists) throw new AppError('COMMAND_NOT_FOUND');
  const events = compensation(aspects, { before, now: ticket, past });
  for (const event of events) if (event.type === 'TicketAssigned') checkAssignment(event, first, ticket, facts);
  const undone: TicketEvent = { type: 'TicketCommandUndone', data: { commandId, eventIds: done.map(({ id }) => id) } };
  return [undone, ...events];
}

/** Who had the ticket before a command that assigned it; null when it is not about that. */
export function assignedBefore(
  history: readonly PastEvent[],
  commandId: string,
): { groupId: string | null; agentId: string | null } | null {
  const assigned = eventsOf(history, commandId).find(({ type }) => type === 'TicketAssigned');
  if (!assigned) return null;
  const { agentId, groupId } = stateAfter(history.filter(({ version }) => version < assigned.version));
  return { groupId, agentId };
}

const eventsOf = (history: readonly PastEvent[], commandId: string): PastEvent[] =>
  history.filter((event) => event.metadata.commandId === commandId && !isClock(event));

const stateAfter = (events: readonly PastEvent[]): TicketState => events.reduce<TicketState>(evolve, initial());

function obstacles(done: readonly PastEvent[], history: readonly PastEvent[], commandId: string): UndoReason[] {
  const undos = history.filter((event) => event.type === 'TicketCommandUndone');
  const earlier = undos.find(({ data }) => data.commandId === commandId);
  if (earlier) return [because('already-undone', earlier)];
  const own = done.flatMap((event) => {
    const obstacle = obstacleOf(event.type);
    return obstacle ? [because(obstacle, event)] : [];
  });
  // What was undone, and the undoing of it, come to nothing together.
  const nothing = new Set([commandId, ...undos.flatMap(({ data, metadata }) => [data.commandId, metadata.commandId])]);
  const aspects = new Set(done.flatMap(aspectsOf));
  const since = done[0]?.version ?? 0;
  const later = history
    .filter((event) => event.version > since && !nothing.has(event.metadata.commandId))
    .filter((event) => aspectsOf(event).some((aspect) => aspects.has(aspect)))
    .map((event) => because('changed-later', event));
  return [...own, ...later];
}

const because = (reason: UndoObstacle, { id, metadata, type }: PastEvent): UndoReason => ({
  reason,
  eventId: id,
  type,
  at: metadata.at,
});

const words: Readonly<Record<UndoObstacle, string>> = {
  'already-undone': 'it was undone before',
  'is-undo': 'it is itself the undoing of a command',
  said: 'what was said cannot be unsaid',
  'no-way-back': 'it has another way back or none',
  'changed-later': 'it was changed again later',
  'not-possible-now': 'what was before is not possible any more',
};

function refuse(reasons: readonly UndoReason[]): void {
  const [first] = reasons;
  if (!first) return;
  throw new AppError('UNDO_REFUSED', {
    detail: `This cannot be undone: ${words[first.reason]} (${first.type}, ${first.at}).`,
    extra: { reasons },
  });
}

/** On a closed ticket nothing changes but its work log, unless it is the closing that is undone. */
function refuseOnClosed(aspects: ReadonlySet<string>, ticket: Ticket): void {
  const onlyWork = [...aspects].every((aspect) => aspect.startsWith('work ') || aspect === 'spam');
  if (!aspects.has('status') && !onlyWork) refuseClosed(ticket);
}

/** The group or the agent of before may be gone by now. */
function checkAssignment(
  { data }: Extract<TicketEvent, { type: 'TicketAssigned' }>,
  cause: PastEvent,
  ticket: Ticket,
  facts: TicketFacts,
): void {
  try {
    assignment.AssignTicket({ type: 'AssignTicket', data }, { ...ticket, status: 'open' }, facts);
  } catch (error) {
    if (!isAppError(error)) throw error;
    refuse([because('not-possible-now', cause)]);
  }
}
