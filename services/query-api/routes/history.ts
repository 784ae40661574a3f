import { Type } from 'typebox';
import { HistoryPage, HistoryQuery, SlaReport } from '#contracts/api/history.ts';
import { refusals } from '#contracts/api/problem.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import { streams } from '#contracts/events/streams.ts';
import { explainSla } from '#packages/domain/ticket/sla-explanation.ts';
import { principalOf } from '#packages/http/auth.ts';
import { decodeCursor } from '#packages/http/cursor.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads, staff } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink, pageOf } from '../reads/paging.ts';
import { readable } from '../redactions.ts';
import { openTicket } from '../ticket-source.ts';
import { historyEntry, personActors } from '../views/event.ts';
import { isTicketEvent, slaRun } from '../views/sla.ts';

export function registerHistory(app: HttpServer, deps: QueryApiDeps): void {
  const { db, store, settings, clock } = deps;
  const { preHandler, headers } = reads(deps, 'tickets');
  const common = { tags: ['tickets'], headers, params: TicketParams };

  app.get(
    '/v1/tickets/:ticket/history',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'History of a ticket, from the log',
        description:
          'Every event with who did it, what led to it and its data, oldest first; without what was taken out of messages.',
        querystring: HistoryQuery,
        response: { 200: HistoryPage, ...refusals('TICKET_NOT_FOUND', 'INVALID_CURSOR', 'STORE_UNAVAILABLE') },
      },
    },
    async (request) => {
      const { limit = 50, cursor } = request.query;
      const { row } = await openTicket(deps, request.params.ticket, principalOf(request));
      const scope = { list: 'history', ticket: row.id };
      const after =
        cursor === undefined ? 0 : decodeCursor(scope, cursor, Type.Integer({ minimum: 0, maximum: 10_000 }));
      const range = { fromVersion: after + 1, toVersion: after + limit + 1 };
      const events = await store.readStream(streams.ticket(row.id), range);
      const page = pageOf(events, { limit, scope, keysOf: ({ version }) => version });
      const shown = await readable(db, page.rows);
      const names = await loadNames(db, { people: personActors(shown) });
      return {
        items: shown.map((event) => historyEntry(event, names)),
        next: nextLink(request.url, page.cursor),
      };
    },
  );

  app.get(
    '/v1/tickets/:ticket/sla',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'SLA clocks of a ticket, explained',
        description:
          'Each run of each clock with every stretch of it: the events that opened and closed it, and what it counted.',
        response: { 200: SlaReport, ...refusals('TICKET_NOT_FOUND', 'STORE_UNAVAILABLE') },
      },
    },
    async (request) => {
      const { row } = await openTicket(deps, request.params.ticket, principalOf(request));
      const now = clock.now();
      const events = (await store.readStream(streams.ticket(row.id))).filter(isTicketEvent);
      return { at: toTimestamp(now), runs: explainSla(events, settings.current(), now).map(slaRun) };
    },
  );
}
