import type { Status } from '#contracts/primitives.ts';
import { AppError } from '#packages/kernel/errors.ts';

/**
 * The legal changes of status. Nothing returns to `new`: it means that nobody has touched the ticket. A closed ticket
 * can only be reopened; from `resolved` an agent may also ask back (pending) or wait for somebody else (on-hold). Within
 * a category a ticket may go from any custom status to any other.
 */
export const transitions: Readonly<Record<Status, readonly Status[]>> = {
  new: ['open', 'pending', 'on-hold', 'resolved', 'closed'],
  open: ['pending', 'on-hold', 'resolved', 'closed'],
  pending: ['open', 'on-hold', 'resolved', 'closed'],
  'on-hold': ['open', 'pending', 'resolved', 'closed'],
  resolved: ['open', 'pending', 'on-hold', 'closed'],
  closed: ['open'],
};

/** True while nobody has to do anything: the ticket is resolved or closed. */
export const isDone = (status: Status): boolean => status === 'resolved' || status === 'closed';

/** Throws TICKET_CLOSED: what is closed is reopened first. */
export function refuseClosed({ status, number }: { status: Status; number: number }): void {
  if (status !== 'closed') return;
  throw new AppError('TICKET_CLOSED', { detail: `Ticket ${number} is closed.` });
}
