import type { TicketSummary } from '#contracts/api/tickets.ts';
import { type Html, html } from '#packages/http/html.ts';
import { badge, time } from './format.ts';
import { table } from './layout.ts';

/** Tickets as a list that leads to each of them. */
export const ticketTable = (tickets: readonly TicketSummary[]): Html =>
  table(
    ['Ticket', 'Subject', 'Status', 'Priority', 'From', 'Agent', 'Due', 'Updated'],
    tickets.map((ticket) => [
      html`<a href="/tickets/${ticket.number}">#${ticket.number}</a>`,
      html`<a href="/tickets/${ticket.number}">${ticket.subject}</a>`,
      html`${badge(ticket.status)}${ticket.customStatus && html` ${ticket.customStatus.name}`}${ticket.customerSilent && html` <span class="hint">silent since ${time(ticket.customerSilent.since)}, reminders: ${ticket.customerSilent.reminders}</span>`}`,
      badge(ticket.priority),
      html`${ticket.requester.name}${ticket.company && html` <span class="hint">${ticket.company.name}</span>`}`,
      ticket.agent?.name ?? '–',
      html`${ticket.due ? time(ticket.due.at) : '–'}${ticket.breached.length > 0 && html` ${badge('breached')}`}`,
      time(ticket.updatedAt),
    ]),
    { stacks: true },
  );
