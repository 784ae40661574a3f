import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Recorded } from '#packages/domain/decider.ts';
import type { ClockFacts } from './clocks.ts';
import type { Ticket } from './state.ts';

/** What is known about groups and agents when a ticket is assigned. */
export type Directory = {
  /** Ids of a group's members; null when there is no such group. */
  membersOf(groupId: string): ReadonlySet<string> | null;
  isAgent(personId: string): boolean;
  /** The group that a group hands over to; null: to none. */
  above(groupId: string): string | null;
};

/** For commands that assign nobody. */
export const noDirectory: Directory = { membersOf: () => null, isAgent: () => false, above: () => null };

/** An event with what tells which command it came by. A stored event fits. */
export type PastEvent = Recorded<TicketEvent> & {
  readonly id: string;
  readonly metadata: { readonly at: string; readonly commandId: string };
};

export type TicketFacts = ClockFacts & {
  readonly directory: Directory;
  /** The events of the stream, for UndoCommand, which is the one to look into them; left out: none. */
  readonly history?: readonly PastEvent[];
};

/** How one command is decided on a ticket that exists. The SLA clock events that follow are added by ticket.ts. */
export type Handler<Command> = (command: Command, ticket: Ticket, facts: TicketFacts) => TicketEvent[];

/** A handler for each command of a facet. */
export type Handlers<Commands extends { readonly type: string }> = {
  readonly [T in Commands['type']]: Handler<Extract<Commands, { readonly type: T }>>;
};
