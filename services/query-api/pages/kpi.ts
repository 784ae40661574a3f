import { type Durations, KpiQuery, type KpiReport } from '#contracts/api/reports.ts';
import { principalOf } from '#packages/http/auth.ts';
import { type Html, html } from '#packages/http/html.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { kpiReport } from '../kpi-report.ts';
import { reads, staff } from '../reading.ts';
import { barChart, lineChart } from './charts.ts';
import type { PagesDeps } from './deps.ts';
import { duration, percent, time } from './format.ts';
import { pageSchema, sendPage, table } from './layout.ts';

const figure = (name: string, value: string, definition: string): Html =>
  html`<div class="figure"><h3>${name}</h3><p class="value">${value}</p><p class="hint">${definition}</p></div>`;

const durationFigure = (
  name: string,
  { averageMs, medianMs, p90Ms, averageBusinessMs, tickets, definition }: Durations,
) =>
  html`<div class="figure"><h3>${name}</h3><p class="value">${duration(averageMs)}</p>
    <p>median ${duration(medianMs)}, 90 % within ${duration(p90Ms)}, ${duration(averageBusinessMs)} of business time;
    ${tickets} tickets</p><p class="hint">${definition}</p></div>`;

const figures = ({ firstResponse, resolution, breaches, overdueNow, backlogNow }: KpiReport): Html => {
  const breach = (name: string, { tickets, ratio, definition }: KpiReport['breaches']['resolution']) =>
    figure(name, `${tickets} (${percent(ratio)})`, definition);
  return html`<div class="figures">
    ${durationFigure('First response (AFRT)', firstResponse)}
    ${durationFigure('Resolution', resolution)}
    ${breach('First-response breaches (FRTR)', breaches.firstResponse)}
    ${breach('Next-response breaches', breaches.nextResponse)}
    ${breach('Resolution breaches (ARTR)', breaches.resolution)}
    ${figure('Overdue now (NTB)', String(overdueNow.tickets), overdueNow.definition)}
    ${figure('Backlog now', String(backlogNow.tickets), backlogNow.definition)}
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
      preHandler: reads(deps, 'kpi').preHandler,
      config: { access: staff, session: true },
      schema: { ...pageSchema, querystring: KpiQuery },
    },
    async (request, reply) => {
      const report = await kpiReport(deps, request.query);
      const main = html`<h1>KPI report</h1>
        <form class="period" method="get">
          <label>From <input type="date" name="from" value="${report.from}"></label>
          <label>to <input type="date" name="to" value="${report.to}"></label>
          <button type="submit">Show</button>
        </form>
        ${figures(report)}
        ${flow(report)}
        <p class="hint">Computed ${time(report.computedAt)} UTC. Days are UTC.</p>`;
      return sendPage(reply, { title: 'KPI report', viewer: principalOf(request), path: '/kpi', main });
    },
  );
}
