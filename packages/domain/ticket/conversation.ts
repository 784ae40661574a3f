import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Mention } from '#contracts/events/ticket-conversation.ts';
import type { AddComment } from './commands.ts';
import { plain, type StatusTarget, targetOf } from './custom-status.ts';
import type { Handlers, TicketFacts } from './handlers.ts';
import { refuseLateReply } from './reply-window.ts';
import { isConversation, type Ticket } from './state.ts';
import { refuseClosed } from './status.ts';
import { statusChange } from './status-change.ts';

/** What is said on a ticket. Refuses with TICKET_CLOSED, UNKNOWN_STATUS, ILLEGAL_TRANSITION, POSTPONEMENT_INVALID. */
export const conversation: Handlers<AddComment> = { AddComment: comment };

/**
 * A conversation takes up work again: an agent's first reply opens a new ticket, a customer's message one that waited
 * or was resolved, or closed not too long ago. Notes and automatic mail move nothing, and are all that a ticket takes
 * which is closed to the one who writes.
 */
function comment(
  { data: { status, resumeAt, mentions, ...said } }: AddComment,
  ticket: Ticket,
  facts: TicketFacts,
): TicketEvent[] {
  const data = { ...said, ...mentioning(mentions) };
  if (ticket.commentIds.includes(data.commentId)) return [];
  const wish = status === undefined ? null : targetOf(status, facts.settings);
  const reopens = data.authorRole === 'agent' && wish !== null && wish.category !== 'closed';
  if (isConversation(data) && !reopens) refuseDone(ticket, data.authorRole, facts.now);
  const commented: TicketEvent = { type: 'TicketCommented', data };
  if (wish !== null || resumeAt !== undefined) {
    const to: StatusTarget = wish ?? { category: ticket.status, custom: ticket.lifecycle.custom };
    return [commented, ...statusChange(ticket, to, { reason: 'manual', resumeAt }, facts)];
  }
  if (!isConversation(data) || !takesUp(ticket, data.authorRole)) return [commented];
  const reason = data.authorRole === 'agent' ? 'agent-replied' : 'customer-replied';
  return [commented, ...statusChange(ticket, plain('open'), { reason }, facts)];
}

/** Each once, and nothing at all when nobody is mentioned: that is how events before mentions read. */
function mentioning(mentions: readonly Mention[] = []): { readonly mentions?: Mention[] } {
  const distinct = [...new Map(mentions.map((mention) => [`${mention.kind} ${mention.id}`, mention])).values()];
  return distinct.length > 0 ? { mentions: distinct } : {};
}
function refuseDone(ticket: Ticket, author: 'customer' | 'agent', now: Temporal.Instant): void {
  if (author === 'agent') refuseClosed(ticket);
  else refuseLateReply(ticket, now);
}

const takesUp = ({ status }: Ticket, author: 'customer' | 'agent'): boolean =>
  author === 'agent' ? status === 'new' : status !== 'new' && status !== 'open';
