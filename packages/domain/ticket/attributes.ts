import type { ChangePriority } from './commands.ts';
import type { Handlers } from './handlers.ts';
import { refuseClosed } from './status.ts';

/** What a ticket is about. Refuses with TICKET_CLOSED. */
export const attributes: Handlers<ChangePriority> = {
  ChangePriority({ data: { to } }, ticket) {
    if (ticket.priority === to) return [];
    refuseClosed(ticket);
    return [{ type: 'TicketPriorityChanged', data: { from: ticket.priority, to } }];
  },
};
