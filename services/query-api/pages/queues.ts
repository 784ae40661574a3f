import type { Queues } from '#contracts/api/queues.ts';
import { TicketQuery } from '#contracts/api/tickets.ts';
import { principalOf } from '#packages/http/auth.ts';
import { type Html, html } from '#packages/http/html.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { queuesFor } from '../queues.ts';
import { reads, staff } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink } from '../reads/paging.ts';
import { listTickets } from '../reads/tickets.ts';
import { checkStatusFilter } from '../status-filter.ts';
import { readerOf } from '../views/reader.ts';
import { idsOf, ticketSummary } from '../views/ticket.ts';
import type { PagesDeps } from './deps.ts';
import { pageSchema, sendPage, table } from './layout.ts';
import { ticketTable } from './ticket-table.ts';

function queueTable({ queues, total }: Queues): Html {
  const rows = [...queues.map(({ group, counts }) => ({ group, counts })), { group: undefined, counts: total }];
  const link = (group: { id: string; name: string } | null | undefined): Html => {
    if (group === undefined) return html`<a href="/queues">All</a>`;
    return html`<a href="/queues?group=${group?.id ?? 'none'}">${group?.name ?? 'No group'}</a>`;
  };
  return table(
    ['Group', 'All', 'New', 'Open', 'Pending', 'On hold', 'Unassigned', 'Breached', 'Due soon', 'Mine'],
    rows.map(({ group, counts }) => [
      link(group),
      counts.total,
      counts.new,
      counts.open,
      counts.pending,
      counts.onHold,
      counts.unassigned,
      counts.breached > 0 ? html`<strong class="bad">${counts.breached}</strong>` : 0,
      counts.dueSoon,
      counts.mine,
    ]),
  );
}

/** Counts per queue and the tickets of one of them; takes the parameters of the ticket list. */
export function registerQueuesPage(app: HttpServer, deps: PagesDeps): void {
  app.get(
    '/queues',
    {
      preHandler: reads(deps, 'tickets').preHandler,
      config: { access: staff, session: true },
      schema: { ...pageSchema, querystring: TicketQuery },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      checkStatusFilter(deps, request.query.status, principal);
      const query = { open: true, ...request.query };
      const [queues, { rows, cursor }] = await Promise.all([
        queuesFor(deps, principal.personId),
        listTickets(deps.db, query, principal, deps.settings.current()),
      ]);
      const names = await loadNames(deps.db, idsOf(rows));
      const tickets = rows.map((row) => ticketSummary(row, names, readerOf(deps, principal)));
      const next = nextLink(request.url, cursor);
      const main = html`
        <h1>Queues</h1>
        ${queueTable(queues)}
        <p><a href="/queues?sort=silence">Tickets whose customers are silent</a>, the longest first</p>
        <h2>Tickets</h2>
        ${tickets.length === 0 ? html`<p>None.</p>` : ticketTable(tickets)}
        ${next && html`<p><a href="${next}">More</a></p>`}
        <p class="hint">Times are UTC.</p>`;
      return sendPage(reply, { title: 'Queues', viewer: principal, path: '/queues', main });
    },
  );
}
