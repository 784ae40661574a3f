import { Type } from 'typebox';
import { refusals } from '#contracts/api/problem.ts';
import { Ticket, TicketParams, TicketReadQuery, TimelinePage, TimelineQuery } from '#contracts/api/tickets.ts';
import { principalOf } from '#packages/http/auth.ts';
import { etagOf, isNotModified } from '#packages/http/etag.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { everybody, reads } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink } from '../reads/paging.ts';
import { openTicket, ticketResource, timelinePage } from '../ticket-source.ts';
import { readerOf } from '../views/reader.ts';
import { versionFor } from '../views/ticket.ts';
import { namedBy, timelineEntry } from '../views/timeline.ts';

export function registerTicketReads(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'tickets');
  const common = { tags: ['tickets'], headers, params: TicketParams };

  app.get(
    '/v1/tickets/:ticket',
    {
      preHandler,
      config: { access: everybody },
      schema: {
        ...common,
        summary: 'One ticket',
        description:
          'With the first page of its course. With `asOf` it is folded from the log as it was then, names of people and ' +
          'groups as they are now. The ETag is the version of the ticket; If-None-Match is answered by 304.',
        querystring: TicketReadQuery,
        response: {
          200: Ticket,
          304: Type.Null({ description: 'Not changed since' }),
          ...refusals('TICKET_NOT_FOUND', 'INVALID_REQUEST', 'READ_MODEL_UNAVAILABLE'),
        },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { asOf } = request.query;
      const found = await openTicket(deps, request.params.ticket, principal, asOf);
      const etag = etagOf(versionFor(found.row, principal.role === 'customer'));
      reply.header('etag', etag);
      if (asOf === undefined && isNotModified(request, etag)) return reply.code(304).send(null);
      return ticketResource(deps, found, asOf, principal);
    },
  );

  app.get(
    '/v1/tickets/:ticket/timeline',
    {
      preHandler,
      config: { access: everybody },
      schema: {
        ...common,
        summary: 'The course of a ticket',
        description: 'What happened, oldest first, page by page. Customers see what is public.',
        querystring: TimelineQuery,
        response: { 200: TimelinePage, ...refusals('TICKET_NOT_FOUND', 'INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const found = await openTicket(deps, request.params.ticket, principal, request.query.asOf);
      const page = await timelinePage(deps, found, request.query, principal);
      const names = await loadNames(deps.db, namedBy(page.rows));
      const reader = readerOf(deps, principal);
      return {
        items: page.rows.map((row) => timelineEntry(row, names, reader)),
        next: nextLink(request.url, page.cursor),
      };
    },
  );
}
