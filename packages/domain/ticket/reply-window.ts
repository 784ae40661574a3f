import { AppError } from '#packages/kernel/errors.ts';
import type { Ticket } from './state.ts';
import { isDone } from './status.ts';

/**
 * Whether what a customer writes at an instant still belongs to the ticket. Under a lifecycle policy it does until
 * `reopenUntil`, resolved or closed; without one a resolved ticket takes every reply and a closed one none.
 */
export function takesReplies({ lifecycle, status }: Ticket, at: Temporal.Instant): boolean {
  if (!isDone(status)) return true;
  if (!lifecycle.terms) return status !== 'closed';
  const { reopenUntil } = lifecycle.terms;
  return reopenUntil === null || at.epochMilliseconds < Temporal.Instant.from(reopenUntil).epochMilliseconds;
}

/** Throws TICKET_CLOSED (extra: number, status, doneSince, reopenUntil) when a customer's reply comes too late. */
export function refuseLateReply(ticket: Ticket, now: Temporal.Instant): void {
  if (takesReplies(ticket, now)) return;
  const { lifecycle, number, status } = ticket;
  const { doneSince } = lifecycle;
  throw new AppError('TICKET_CLOSED', {
    detail: `Ticket ${number} is ${status} and takes no more replies; open a follow-up ticket.`,
    extra: { number, status, doneSince, reopenUntil: lifecycle.terms?.reopenUntil ?? null },
  });
}
