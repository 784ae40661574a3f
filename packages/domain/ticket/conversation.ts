import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Mention } from '#contracts/events/ticket-conversation.ts';
import type { AddComment } from './commands.ts';
import type { Handlers } from './handlers.ts';
import { isConversation, type Ticket } from './state.ts';
import { refuseClosed, statusChange } from './status.ts';

/** What is said on a ticket. Refuses with TICKET_CLOSED and ILLEGAL_TRANSITION. */
export const conversation: Handlers<AddComment> = { AddComment: comment };

/**
 * A conversation takes up work again: an agent's first reply opens a new ticket, a customer's message one that waited
 * or was resolved. Notes and automatic mail move nothing, and are the only comments a closed ticket still takes.
 */
function comment({ data: { status, mentions, ...said } }: AddComment, ticket: Ticket): TicketEvent[] {
  const data = { ...said, ...mentioning(mentions) };
  if (ticket.commentIds.includes(data.commentId)) return [];
  const reopens = data.authorRole === 'agent' && status !== undefined && status !== 'closed';
  if (isConversation(data) && !reopens) refuseClosed(ticket);
  const commented: TicketEvent = { type: 'TicketCommented', data };
  if (status !== undefined) return [commented, ...statusChange(ticket, status, 'manual')];
  if (!isConversation(data)) return [commented];
  if (data.authorRole === 'agent')
    return ticket.status === 'new' ? [commented, ...statusChange(ticket, 'open', 'agent-replied')] : [commented];
  const waited = ticket.status === 'pending' || ticket.status === 'on-hold' || ticket.status === 'resolved';
  return waited ? [commented, ...statusChange(ticket, 'open', 'customer-replied')] : [commented];
}

/** Each once, and nothing at all when nobody is mentioned: that is how events before mentions read. */
function mentioning(mentions: readonly Mention[] = []): { readonly mentions?: Mention[] } {
  const distinct = [...new Map(mentions.map((mention) => [`${mention.kind} ${mention.id}`, mention])).values()];
  return distinct.length > 0 ? { mentions: distinct } : {};
}
