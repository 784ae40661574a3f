import type { EventStore } from '#packages/event-store/port.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import type { TicketNumbers } from '../ticket-numbers.ts';
import type { TicketCommands } from '../tickets.ts';
import { type FoundTicket, readTicket } from './related-tickets.ts';

export type RelationDeps = {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly tickets: Pick<TicketCommands, 'change' | 'open'>;
  readonly numbers: TicketNumbers;
};

/** The ticket that a command is about. Throws TICKET_NOT_FOUND. */
export async function ownTicket({ store }: RelationDeps, id: string): Promise<FoundTicket> {
  const found = await readTicket(store, id);
  if (!found) throw new AppError('TICKET_NOT_FOUND');
  return found;
}

/** The ticket at the other end, named by the field `pointer`. Throws UNKNOWN_TICKET. */
export async function otherTicket({ store }: RelationDeps, id: string, pointer: string): Promise<FoundTicket> {
  const found = await readTicket(store, id);
  if (!found) throw new AppError('UNKNOWN_TICKET', { fields: [{ pointer, detail: 'names no ticket' }] });
  return found;
}

export const refOf = ({ id: ticketId, state: { number } }: FoundTicket) => ({ ticketId, number });

/** Makes a refusal of the other ticket point at the field that named it, so that the two are not mixed up. */
export async function about<T>(pointer: string, act: Promise<T>): Promise<T> {
  try {
    return await act;
  } catch (error) {
    if (!isAppError(error) || error.fields.length > 0) throw error;
    const { code, extra, message: detail } = error;
    throw new AppError(code, { detail, fields: [{ pointer, detail }], extra, cause: error });
  }
}

/** The same command on the version that the ticket has by now: what the caller saw was checked before. */
export function unconditional({ expectedVersion: _, ...context }: CommandContext): CommandContext {
  return context;
}

/**
 * True when somebody else (services/relations) has settled what this command offered: asked again, it has nothing to
 * offer and what it saw no longer matters. Throws IDEMPOTENCY_KEY_REUSED when that was an offer to another ticket.
 * @param offered the ticket that the offer of this id went to; undefined: it is not settled
 */
export function isSettledTo(other: string, offered: string | undefined): boolean {
  if (offered !== undefined && offered !== other) throw new AppError('IDEMPOTENCY_KEY_REUSED');
  return offered !== undefined;
}

/** True when a command has left its events on a ticket before. */
export const isDoneBy = ({ commandId }: CommandContext, { events }: Pick<FoundTicket, 'events'>): boolean =>
  events.some(({ metadata }) => metadata.commandId === commandId);
