import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { SlaClock, Status } from '#contracts/primitives.ts';
import type { AttributeCommand, CreateTicket, WorkCommand } from './attribute-commands.ts';
import type { RetouchCommand } from './conversation-commands.ts';
import type { RelationCommand } from './relations-commands.ts';
import type { RateTicket } from './satisfaction.ts';

export type { ChangePriority, CreateTicket } from './attribute-commands.ts';

type DataOf<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>['data'];

export type AddComment = {
  readonly type: 'AddComment';
  /** `status`: where the ticket is to go together with the comment, in place of what the comment would bring about. */
  readonly data: DataOf<'TicketCommented'> & { readonly status?: Status };
};
export type AssignTicket = { readonly type: 'AssignTicket'; readonly data: DataOf<'TicketAssigned'> };
export type ChangeStatus = { readonly type: 'ChangeStatus'; readonly data: { readonly to: Status } };
/** Sent when a deadline has passed; `dueAt` is the one that was armed, so that a stale firing is told apart. */
export type BreachSla = {
  readonly type: 'BreachSla';
  readonly data: { readonly clock: SlaClock; readonly dueAt: string };
};

/** Every command on a ticket that exists. */
export type ChangeCommand =
  | AddComment
  | RetouchCommand
  | AssignTicket
  | ChangeStatus
  | RateTicket
  | AttributeCommand
  | WorkCommand
  | BreachSla
  | RelationCommand;
export type TicketCommand = CreateTicket | ChangeCommand;
