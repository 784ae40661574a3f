import { refusals } from '#contracts/api/problem.ts';
import { TicketPage, TicketQuery } from '#contracts/api/tickets.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { everybody, reads } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink } from '../reads/paging.ts';
import { listTickets } from '../reads/tickets.ts';
import { checkStatusFilter } from '../status-filter.ts';
import { readerOf } from '../views/reader.ts';
import { idsOf, ticketSummary } from '../views/ticket.ts';

export function registerTicketList(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'tickets');

  app.get(
    '/v1/tickets',
    {
      preHandler,
      config: { access: everybody },
      schema: {
        summary: 'List tickets',
        description:
          'Filters narrow each other. Customers get their own tickets, and those on which they are mentioned.',
        tags: ['tickets'],
        headers,
        querystring: TicketQuery,
        response: {
          200: TicketPage,
          ...refusals('INVALID_REQUEST', 'INVALID_CURSOR', 'LANGUAGE_INVALID', 'READ_MODEL_UNAVAILABLE'),
        },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      checkStatusFilter(deps, request.query.status, principal);
      const { rows, cursor } = await listTickets(deps.db, request.query, principal, deps.settings.current());
      const names = await loadNames(deps.db, idsOf(rows));
      const reader = readerOf(deps, principal);
      const items = rows.map((row) => ticketSummary(row, names, reader));
      return { items, next: nextLink(request.url, cursor) };
    },
  );
}
