import { Type } from 'typebox';
import type { RelatedTicket } from '#contracts/api/ticket-relations.ts';
import { type Ticket, TicketParams, type TimelineEntry } from '#contracts/api/tickets.ts';
import { Strict } from '#contracts/primitives.ts';
import { principalOf } from '#packages/http/auth.ts';
import { type Html, html } from '#packages/http/html.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { everybody, reads } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink } from '../reads/paging.ts';
import { openTicket, ticketResource, timelinePage } from '../ticket-source.ts';
import { readerOf } from '../views/reader.ts';
import { namedBy, timelineEntry } from '../views/timeline.ts';
import { changeText } from './change-text.ts';
import type { PagesDeps } from './deps.ts';
import { badge, time } from './format.ts';
import { pageSchema, sendPage } from './layout.ts';
import { messageBody } from './message.ts';

/** Another ticket; customers, who are not told its subject, may not open it either. */
const related = ({ number, subject }: RelatedTicket): Html =>
  subject === null ? html`#${number}` : html`<a href="/tickets/${number}">#${number}</a> ${subject} `;

const facts = (ticket: Ticket): Html => html`<dl>
  <dt>Status</dt><dd>${badge(ticket.status)}</dd>
  ${ticket.customStatus && html`<dt>Called</dt><dd>${ticket.customStatus.name}</dd>`}
  ${ticket.resumeAt && html`<dt>Returns</dt><dd>${time(ticket.resumeAt)}</dd>`}
  ${ticket.customerSilent && html`<dt>Customer silent</dt><dd>since ${time(ticket.customerSilent.since)}, reminders: ${ticket.customerSilent.reminders}</dd>`}
  ${ticket.closesAt && html`<dt>Closes</dt><dd>${time(ticket.closesAt)}</dd>`}
  <dt>Priority</dt><dd>${badge(ticket.priority)}</dd>
  <dt>From</dt><dd>${ticket.requester.name}${ticket.company && html`, ${ticket.company.name}`}</dd>
  <dt>Group</dt><dd>${ticket.group?.name ?? '–'}</dd>
  <dt>Agent</dt><dd>${ticket.agent?.name ?? '–'}</dd>
  <dt>Created</dt><dd>${time(ticket.createdAt)}, by ${ticket.channel}</dd>
  ${ticket.relations.mergedInto && html`<dt>Merged into</dt><dd>${related(ticket.relations.mergedInto)}</dd>`}
  ${ticket.relations.followUpOf && html`<dt>Follow-up of</dt><dd>${related(ticket.relations.followUpOf)}</dd>`}
  ${ticket.relations.followUps.length > 0 && html`<dt>Follow-ups</dt><dd>${ticket.relations.followUps.map(related)}</dd>`}
  <dt>Next due</dt><dd>${ticket.due ? html`${time(ticket.due.at)} (${ticket.due.clock})` : '–'}</dd>
  ${ticket.breached.length > 0 && html`<dt>Breached</dt><dd>${ticket.breached.join(', ')}</dd>`}
</dl>`;

function entry(item: TimelineEntry): Html {
  const who = item.author ?? item.actor;
  if (item.text === null) {
    return html`<li class="change">${time(item.at)} ${changeText(item)} <span class="hint">${who.name}</span></li>`;
  }
  const role = item.author?.role ?? '';
  return html`<li class="message ${role} ${item.visibility}">
    <p class="head"><strong>${who.name}</strong> ${badge(role)}
      ${item.visibility === 'internal' && badge('internal')}
      ${item.automatic && badge('automatic')}
      <span class="hint">${time(item.at)} · ${item.channel}</span></p>
    ${messageBody(item)}
  </li>`;
}

const PageQuery = Strict({ cursor: Type.Optional(Type.String({ maxLength: 1_000 })) });

/** One ticket: the conversation with what happened between the messages. */
export function registerTicketPage(app: HttpServer, deps: PagesDeps): void {
  app.get(
    '/tickets/:ticket',
    {
      preHandler: reads(deps, 'tickets').preHandler,
      config: { access: everybody, session: true },
      schema: { ...pageSchema, params: TicketParams, querystring: PageQuery },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const found = await openTicket(deps, request.params.ticket, principal);
      const ticket = await ticketResource(deps, found, undefined, principal);
      const page = await timelinePage(deps, found, request.query, principal);
      const names = await loadNames(deps.db, namedBy(page.rows));
      const next = nextLink(request.url, page.cursor);
      const reader = readerOf(deps, principal);
      const isStaff = principal.role !== 'customer';
      const main = html`
        <h1>#${ticket.number} ${ticket.subject}</h1>
        ${facts(ticket)}
        ${isStaff && html`<p><a href="/tickets/${ticket.number}/replay">Replay how it came about</a></p>`}
        <h2>Conversation</h2>
        <ol class="timeline">${page.rows.map((row) => entry(timelineEntry(row, names, reader)))}</ol>
        ${next && html`<p><a href="${next}">Later</a></p>`}
        <p class="hint">Times are UTC. Version ${ticket.version}.</p>`;
      return sendPage(reply, { title: `#${ticket.number}`, viewer: principal, path: '', main });
    },
  );
}
