import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Priority, SlaClock, Status } from '#contracts/primitives.ts';
import type { RelationCommand } from './relations-commands.ts';
import type { RateTicket } from './satisfaction.ts';

type DataOf<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>['data'];

export type CreateTicket = { readonly type: 'CreateTicket'; readonly data: DataOf<'TicketCreated'> };
export type AddComment = {
  readonly type: 'AddComment';
  /** `status`: where the ticket is to go together with the comment, in place of what the comment would bring about. */
  readonly data: DataOf<'TicketCommented'> & { readonly status?: Status };
};
export type AssignTicket = { readonly type: 'AssignTicket'; readonly data: DataOf<'TicketAssigned'> };
export type ChangeStatus = { readonly type: 'ChangeStatus'; readonly data: { readonly to: Status } };
export type ChangePriority = { readonly type: 'ChangePriority'; readonly data: { readonly to: Priority } };
/** Sent when a deadline has passed; `dueAt` is the one that was armed, so that a stale firing is told apart. */
export type BreachSla = {
  readonly type: 'BreachSla';
  readonly data: { readonly clock: SlaClock; readonly dueAt: string };
};

/** Every command on a ticket that exists. */
export type ChangeCommand =
  | AddComment
  | AssignTicket
  | ChangeStatus
  | ChangePriority
  | RateTicket
  | BreachSla
  | RelationCommand;
export type TicketCommand = CreateTicket | ChangeCommand;
