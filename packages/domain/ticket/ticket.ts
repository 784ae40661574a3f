import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Decider } from '#packages/domain/decider.ts';
import { breachOf, isPast } from '#packages/domain/sla/clock.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { articles } from './articles.ts';
import { assignment } from './assignment.ts';
import { attributes } from './attributes.ts';
import { registerCall } from './call.ts';
import { type ClockFacts, clockEvents } from './clocks.ts';
import type { BreachSla, ChangeCommand, CreateTicket, RegisterCall, TicketCommand } from './commands.ts';
import { conversation } from './conversation.ts';
import { createTicket } from './creation.ts';
import { targetOf } from './custom-status.ts';
import { customFields, refuseIncomplete } from './fields.ts';
import type { Handler, Handlers, TicketFacts } from './handlers.ts';
import { labels } from './labels.ts';
import { lifecycle } from './lifecycle.ts';
import { applyMacro } from './macro.ts';
import { relations } from './relations.ts';
import { retouching } from './retouching.ts';
import { isUnrated, satisfaction } from './satisfaction.ts';
import { endsWhatBegan, isOfTheDesk, onSetAside } from './set-aside.ts';
import { evolve, initial, type Ticket, type TicketState } from './state.ts';
import { isDone } from './status.ts';
import { undoCommand } from './undo.ts';
import { workLog } from './work.ts';

/** A longer ticket is a sign of a loop, and every command reads the whole stream. */
export const maxEvents = 5_000;

const handlers: Handlers<ChangeCommand> = {
  ...lifecycle,
  ...assignment,
  ...attributes,
  ...labels,
  ...customFields,
  ...workLog,
  ...conversation,
  ...retouching,
  ...satisfaction,
  ...articles,
  ...relations,
  BreachSla: breach,
  ApplyMacro: (command, ticket, facts) => applyMacro(command, ticket, facts, change),
  UndoCommand: undoCommand,
};

/**
 * One ticket. Each event is followed by the SLA clock events it brings about, in the same append. Refuses with
 * TICKET_EXISTS, TICKET_NOT_FOUND, TICKET_TOO_LONG, TICKET_MERGED, TICKET_IS_SPAM, FIELDS_REQUIRED, with what the
 * handlers of its facets refuse with, and with READ_MODEL_UNAVAILABLE when `facts.settings` lack a calendar the ticket
 * was timed by.
 */
export const ticket: Decider<TicketState, TicketCommand, TicketEvent, TicketFacts> = {
  initial,
  evolve,
  decide: (command, state, facts) =>
    withClocks(
      state,
      command.type === 'CreateTicket' || command.type === 'RegisterCall'
        ? create(command, state, facts)
        : change(command, state, facts),
      facts,
    ),
};

function create(command: CreateTicket | RegisterCall, state: TicketState, facts: TicketFacts): TicketEvent[] {
  if (state.exists) throw new AppError('TICKET_EXISTS');
  return command.type === 'CreateTicket'
    ? [createTicket(command, facts.settings)]
    : registerCall(command, facts, change);
}

function change(command: ChangeCommand, state: TicketState, facts: TicketFacts): TicketEvent[] {
  if (!state.exists) throw new AppError('TICKET_NOT_FOUND');
  if (onSetAside(command, state) === 'ignore') return [];
  checkLength(command, state, facts);
  // Each handler is filed under the type of its command, which the compiler cannot follow through an index.
  const handler = handlers[command.type] as Handler<ChangeCommand>;
  const events = handler(command, state, facts);
  // The steps of a macro have been asked one by one.
  if (command.type !== 'ApplyMacro' && events.some(isResolvedByHand)) refuseIncomplete(state, facts.settings);
  return events;
}

const isResolvedByHand = ({ data, type }: TicketEvent): boolean =>
  type === 'TicketStatusChanged' && data.to === 'resolved' && data.reason === 'manual';

/**
 * A full ticket can still be finished, rated once, set aside, taken back and redacted, and its clocks and timers be told
 * the time.
 */
function checkLength(command: ChangeCommand, ticket: Ticket, { settings }: TicketFacts): void {
  const { length } = ticket;
  const { type } = command;
  if (length < maxEvents || isOfTheDesk(type) || type === 'RedactComment' || endsWhatBegan(type)) return;
  if (command.type === 'ChangeStatus' && isDone(targetOf(command.data.to, settings).category)) return;
  if (command.type === 'RateTicket' && isUnrated(command.data.round, ticket)) return;
  throw new AppError('TICKET_TOO_LONG', { extra: { length, maxEvents } });
}

/** A firing counts only for the deadline that is armed now: timers may be late, repeated, or of another time. */
function breach({ data }: BreachSla, { sla }: Ticket, { now }: TicketFacts): TicketEvent[] {
  const clock = sla[data.clock];
  if (clock?.phase !== 'running' || clock.breached) return [];
  const dueAt = Temporal.Instant.from(clock.dueAt);
  const armed = dueAt.equals(Temporal.Instant.from(data.dueAt));
  return armed && isPast(clock.dueAt, now) ? [breachOf(clock, clock.dueAt)] : [];
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
