import { refusals } from '#contracts/api/problem.ts';
import { TicketPage, TicketQuery } from '#contracts/api/tickets.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { everybody, reads } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink } from '../reads/paging.ts';
import { listTickets } from '../reads/tickets.ts';
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
        response: { 200: TicketPage, ...refusals('INVALID_REQUEST', 'INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { rows, cursor } = await listTickets(deps.db, request.query, principal);
      const names = await loadNames(deps.db, idsOf(rows));
      const items = rows.map((row) => ticketSummary(row, names, principal.role === 'customer'));
      return { items, next: nextLink(request.url, cursor) };
    },
  );
}
