import { refusals } from '#contracts/api/problem.ts';
import { KpiQuery, KpiReport, KpiTicketPage, KpiTicketsQuery } from '#contracts/api/reports.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { kpiReport, ticketsBehind } from '../kpi-report.ts';
import { reads, staff } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink } from '../reads/paging.ts';
import { readerOf } from '../views/reader.ts';
import { idsOf, ticketSummary } from '../views/ticket.ts';

export function registerReports(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'kpi');
  const common = { tags: ['reports'], headers };

  app.get(
    '/v1/reports/kpi',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'KPI report',
        description:
          'Reaction and resolution times, breaches, backlog and flow. Each figure says what it counts and leads to its tickets.',
        querystring: KpiQuery,
        response: { 200: KpiReport, ...refusals('INVALID_REQUEST', 'READ_MODEL_UNAVAILABLE', 'TIMEOUT') },
      },
    },
    async (request) => kpiReport(deps, request.query),
  );

  app.get(
    '/v1/reports/kpi/tickets',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'Tickets behind a figure',
        description: 'Exactly the tickets that the figure of the same period and group counts, by number.',
        querystring: KpiTicketsQuery,
        response: { 200: KpiTicketPage, ...refusals('INVALID_REQUEST', 'INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const page = await ticketsBehind(deps, request.query);
      const names = await loadNames(deps.db, idsOf(page.rows));
      const reader = readerOf(deps, principalOf(request));
      const items = page.rows.map((row) => ({
        ticket: ticketSummary(row, names, reader),
        figureMs: row.figure_ms === null ? null : Number(row.figure_ms),
      }));
      return { items, next: nextLink(request.url, page.cursor) };
    },
  );
}
