import { type Durations, KpiQuery, type KpiReport, KpiTicketsQuery } from '#contracts/api/reports.ts';
import type { SatisfactionReport } from '#contracts/api/satisfaction.ts';
import { principalOf } from '#packages/http/auth.ts';
import { type Html, html } from '#packages/http/html.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { definitions } from '../kpi-definitions.ts';
import { kpiReport, ticketsBehind } from '../kpi-report.ts';
import { reads, staff } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink } from '../reads/paging.ts';
import { satisfactionReport } from '../satisfaction-report.ts';
import { readerOf } from '../views/reader.ts';
import { idsOf, ticketSummary } from '../views/ticket.ts';
import { barChart, lineChart } from './charts.ts';
import type { PagesDeps } from './deps.ts';
import { duration, percent, time } from './format.ts';
import { pageSchema, sendPage, table } from './layout.ts';
import { satisfactionFigure } from './satisfaction.ts';
import { ticketTable } from './ticket-table.ts';

type Told = { readonly definition: string; readonly href: string };

/** What a figure counts, and the way to the very tickets. */
const told = ({ definition, href }: Told): Html =>
  html`<p class="hint">${definition} <a href="${href.replace('/v1/reports', '')}">Tickets</a></p>`;

const figure = (name: string, value: string, about: Told): Html =>
  html`<div class="figure"><h3>${name}</h3><p class="value">${value}</p>${told(about)}</div>`;

const durationFigure = (
  name: string,
  { averageMs, medianMs, p90Ms, averageBusinessMs, tickets, ...about }: Durations,
) =>
  html`<div class="figure"><h3>${name}</h3><p class="value">${duration(averageMs)}</p>
    <p>median ${duration(medianMs)}, 90 % within ${duration(p90Ms)}, ${duration(averageBusinessMs)} of business time;
    ${tickets} tickets</p>${told(about)}</div>`;

const figures = (
  satisfaction: SatisfactionReport,
  { firstResponse, resolution, breaches, overdueNow, backlogNow }: KpiReport,
): Html => {
  const breach = (name: string, { tickets, ratio, ...about }: KpiReport['breaches']['resolution']) =>
    figure(name, `${tickets} (${percent(ratio)})`, about);
  return html`<div class="figures">
    ${durationFigure('First response (AFRT)', firstResponse)}
    ${durationFigure('Resolution', resolution)}
    ${breach('First-response breaches (FRTR)', breaches.firstResponse)}
    ${breach('Next-response breaches', breaches.nextResponse)}
    ${breach('Resolution breaches (ARTR)', breaches.resolution)}
    ${satisfactionFigure(satisfaction)}
    ${figure('Overdue now (NTB)', String(overdueNow.tickets), overdueNow)}
    ${figure('Backlog now', String(backlogNow.tickets), backlogNow)}
  </div>`;
};

function flow({ days, daysDefinition }: KpiReport): Html {
  const labels = days.map(({ day }) => day);
  return html`<h2>Day by day</h2>
    <p class="hint">${daysDefinition}</p>
    ${barChart('Created and resolved', labels, [
      { name: 'created', className: 'created', values: days.map(({ created }) => created) },
      { name: 'resolved', className: 'resolved', values: days.map(({ resolved }) => resolved) },
    ])}
    ${lineChart('Backlog', labels, { name: 'backlog', className: 'backlog', values: days.map(({ backlog }) => backlog) })}
    <details><summary>As a table</summary>${table(
      ['Day', 'Created', 'Resolved', 'Backlog'],
      days.map(({ day, created, resolved, backlog }) => [day, created, resolved, backlog]),
    )}</details>`;
}

/** The KPI report as a page: each figure with what it counts. */
export function registerKpiPage(app: HttpServer, deps: PagesDeps): void {
  app.get(
    '/kpi',
    {
      preHandler: reads(deps, 'ratings').preHandler,
      config: { access: staff, session: true },
      schema: { ...pageSchema, querystring: KpiQuery },
    },
    async (request, reply) => {
      const [report, satisfaction] = await Promise.all([
        kpiReport(deps, request.query),
        satisfactionReport(deps, request.query),
      ]);
      const main = html`<h1>KPI report</h1>
        <form class="period" method="get">
          <label>From <input type="date" name="from" value="${report.from}"></label>
          <label>to <input type="date" name="to" value="${report.to}"></label>
          <button type="submit">Show</button>
        </form>
        ${figures(satisfaction, report)}
        ${flow(report)}
        <p class="hint">Computed ${time(report.computedAt)} UTC. Days are UTC.</p>`;
      return sendPage(reply, { title: 'KPI report', viewer: principalOf(request), path: '/kpi', main });
    },
  );

  app.get(
    '/kpi/tickets',
    {
      preHandler: reads(deps, 'kpi').preHandler,
      config: { access: staff, session: true },
      schema: { ...pageSchema, querystring: KpiTicketsQuery },
    },
    async (request, reply) => {
      const { metric } = request.query;
      const { rows, cursor } = await ticketsBehind(deps, request.query);
      const names = await loadNames(deps.db, idsOf(rows));
      const reader = readerOf(deps, principalOf(request));
      const next = nextLink(request.url, cursor);
      const main = html`<h1>Tickets behind a figure</h1>
        <p class="hint">${definitions[metric]}</p>
        ${rows.length === 0 ? html`<p>None.</p>` : ticketTable(rows.map((row) => ticketSummary(row, names, reader)))}
        ${next && html`<p><a href="${next}">More</a></p>`}`;
      return sendPage(reply, { title: 'KPI tickets', viewer: principalOf(request), path: '/kpi', main });
    },
  );
}
