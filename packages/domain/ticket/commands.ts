import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { SlaClock } from '#contracts/primitives.ts';
import type { AttachArticle } from './articles.ts';
import type { AttributeCommand, CreateTicket, WorkCommand } from './attribute-commands.ts';
import type { RetouchCommand } from './conversation-commands.ts';
import type { RelationCommand } from './relations-commands.ts';
import type { RateTicket } from './satisfaction.ts';
import type { TimerKind } from './timers.ts';

export type { ChangePriority, CreateTicket } from './attribute-commands.ts';

type DataOf<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>['data'];

/** Categories and custom statuses are both named by `status`; `resumeAt` null: it no longer returns by itself. */
export type StatusWish = { readonly status?: string; readonly resumeAt?: string | null };

export type AddComment = {
  readonly type: 'AddComment';
  /** Where the ticket is to go together with the comment, in place of what the comment would bring about. */
  readonly data: DataOf<'TicketCommented'> & StatusWish;
};
export type AssignTicket = { readonly type: 'AssignTicket'; readonly data: DataOf<'TicketAssigned'> };
/** Hands the ticket over to the group above its own. */
export type EscalateTicket = {
  readonly type: 'EscalateTicket';
  readonly data: { readonly explanation: string };
};
export type ChangeStatus = {
  readonly type: 'ChangeStatus';
  /** `to`: a category or the id of a custom status. */
  readonly data: { readonly to: string; readonly resumeAt?: string | null };
};
/** Sent when a deadline has passed; `dueAt` is the one that was armed, so that a stale firing is told apart. */
export type BreachSla = {
  readonly type: 'BreachSla';
  readonly data: { readonly clock: SlaClock; readonly dueAt: string };
};
/** Sent when a timer has run out; `dueAt` is the one that was armed, so that a stale firing is told apart. */
export type FireTimer = {
  readonly type: 'FireTimer';
  readonly data: { readonly timer: TimerKind; readonly dueAt: string };
};

/** What a macro may be made of. */
export type MacroStep = AddComment | AssignTicket | ChangeStatus | AttributeCommand;

/** Several changes at once, each decided on what the ones before it led to; all of them come about, or none. */
export type ApplyMacro = {
  readonly type: 'ApplyMacro';
  readonly data: DataOf<'TicketMacroApplied'> & { readonly steps: readonly MacroStep[] };
};
/** A call that was answered: everything that became of it on the phone comes about in one step, or nothing. */
export type RegisterCall = {
  readonly type: 'RegisterCall';
  readonly data: {
    readonly ticket: CreateTicket['data'];
    readonly assignment: AssignTicket | null;
    readonly answer: AddComment | null;
  };
};
/** Takes back what a command did, by events that lead to the contrary. */
export type UndoCommand = { readonly type: 'UndoCommand'; readonly data: { readonly commandId: string } };
export type ActionCommand = ApplyMacro | UndoCommand;

/** Every command on a ticket that exists. */
export type ChangeCommand =
  | AddComment
  | RetouchCommand
  | AssignTicket
  | EscalateTicket
  | ChangeStatus
  | RateTicket
  | AttachArticle
  | AttributeCommand
  | WorkCommand
  | BreachSla
  | FireTimer
  | RelationCommand
  | ActionCommand;
export type TicketCommand = CreateTicket | RegisterCall | ChangeCommand;
