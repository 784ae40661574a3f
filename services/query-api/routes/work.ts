import { refusals } from '#contracts/api/problem.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import { WorkList, WorkReport, WorkReportQuery } from '#contracts/api/work.ts';
import { workTotals } from '#packages/domain/ticket/attributes-state.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { periodOf } from '../kpi-report.ts';
import { reads, staff } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { type WorkSum, workOf, workSums } from '../reads/work.ts';
import { openTicket } from '../ticket-source.ts';
import { workEntry } from '../views/work.ts';

const definition =
  'Work on record, corrections included, removed work left out; by the UTC day it was begun, or logged where that was ' +
  'not said. It counts for the company that the ticket was of when the work was logged, whatever came after.';

const isId = (by: string): boolean => by === 'person' || by === 'company';

const sumOf = (rows: readonly WorkSum[]) => ({
  minutes: rows.reduce((sum, { minutes }) => sum + minutes, 0),
  billableMinutes: rows.reduce((sum, { billableMinutes }) => sum + billableMinutes, 0),
});

export function registerWorkReads(app: HttpServer, deps: QueryApiDeps): void {
  const { clock, db } = deps;
  const { headers, preHandler } = reads(deps, 'work');

  app.get(
    '/v1/tickets/:ticket/work',
    {
      preHandler,
      config: { access: staff },
      schema: {
        tags: ['tickets'],
        headers,
        params: TicketParams,
        summary: 'Work on a ticket',
        response: { 200: WorkList, ...refusals('TICKET_NOT_FOUND', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const { row } = await openTicket(deps, request.params.ticket, principalOf(request));
      const rows = await workOf(db, row.id);
      const names = await loadNames(db, {
        people: rows.map(({ person_id }) => person_id),
        companies: rows.map(({ company_id }) => company_id),
      });
      return { items: rows.map((each) => workEntry(each, names)), ...workTotals(rows) };
    },
  );

  app.get(
    '/v1/reports/work',
    {
      preHandler,
      config: { access: staff },
      schema: {
        tags: ['reports'],
        headers,
        summary: 'Work report',
        description: 'Minutes on record, all and billable, by person, company, ticket, day or month.',
        querystring: WorkReportQuery,
        response: { 200: WorkReport, ...refusals('INVALID_REQUEST', 'READ_MODEL_UNAVAILABLE', 'TIMEOUT') },
      },
    },
    async (request) => {
      const { by = 'person', from, to, ...only } = request.query;
      const days = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
      const period = periodOf(days, clock.now());
      const rows = await workSums(db, { from: period.from, to: period.to, by, ...only });
      const ids = isId(by) ? rows.map(({ key }) => key) : [];
      const names = await loadNames(db, by === 'person' ? { people: ids } : { companies: ids });
      const nameOf = (key: string | null): string => {
        if (key === null) return '–';
        if (by === 'ticket') return `#${key}`;
        return isId(by) ? ((by === 'person' ? names.person(key) : names.company(key))?.name ?? key) : key;
      };
      const named = rows.map((row) => ({ ...row, name: nameOf(row.key) }));
      return { from: period.from, to: period.to, by, definition, rows: named, ...sumOf(rows) };
    },
  );
}
