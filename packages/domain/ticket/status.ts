import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Status } from '#contracts/primitives.ts';
import { AppError } from '#packages/kernel/errors.ts';

type StatusReason = Extract<TicketEvent, { type: 'TicketStatusChanged' }>['data']['reason'];

/**
 * The legal changes of status. Nothing returns to `new`: it means that nobody has touched the ticket. A closed ticket
 * can only be reopened; from `resolved` an agent may also ask back (pending) or wait for somebody else (on-hold).
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

/** Throws ILLEGAL_TRANSITION (extra: from, to, allowed) unless `to` may follow `from`. */
export function checkTransition(from: Status, to: Status): void {
  const allowed = transitions[from];
  if (allowed.includes(to)) return;
  throw new AppError('ILLEGAL_TRANSITION', {
    detail: `A ticket that is ${from} cannot become ${to}; it can become ${allowed.join(', ')}.`,
    fields: [{ pointer: '/status', detail: `must be one of ${allowed.join(', ')}` }],
    extra: { from, to, allowed },
  });
}

/** The event that takes a ticket to `to`; none when it is there. Throws ILLEGAL_TRANSITION. */
export function statusChange({ status: from }: { status: Status }, to: Status, reason: StatusReason): TicketEvent[] {
  if (from === to) return [];
  checkTransition(from, to);
  return [{ type: 'TicketStatusChanged', data: { from, to, reason } }];
}

/** Throws TICKET_CLOSED: what is closed is reopened first. */
export function refuseClosed({ status, number }: { status: Status; number: number }): void {
  if (status !== 'closed') return;
  throw new AppError('TICKET_CLOSED', { detail: `Ticket ${number} is closed.` });
}
