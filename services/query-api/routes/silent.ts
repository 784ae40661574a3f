import { refusals } from '#contracts/api/problem.ts';
import { SilentQuery, TicketPage } from '#contracts/api/tickets.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads, staff } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink } from '../reads/paging.ts';
import { listTickets } from '../reads/tickets.ts';
import { readerOf } from '../views/reader.ts';
import { idsOf, ticketSummary } from '../views/ticket.ts';

/** The queue of tickets that nobody can go on with, because their customers do not answer. */
export function registerSilentQueue(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'tickets');

  app.get(
    '/v1/queues/silent',
    {
      preHandler,
      config: { access: staff },
      schema: {
        summary: 'Tickets whose customers are silent',
        description:
          'Open tickets that wait for their customer, the longest silent first; `customerSilent` tells since when, after ' +
          'how many reminders, and when the ticket is resolved for want of an answer.',
        tags: ['queues'],
        headers,
        querystring: SilentQuery,
        response: { 200: TicketPage, ...refusals('INVALID_REQUEST', 'INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { rows, cursor } = await listTickets(
        deps.db,
        { ...request.query, sort: 'silence' },
        principal,
        deps.settings.current(),
      );
      const names = await loadNames(deps.db, idsOf(rows));
      const reader = readerOf(deps, principal);
      return { items: rows.map((row) => ticketSummary(row, names, reader)), next: nextLink(request.url, cursor) };
    },
  );
}
