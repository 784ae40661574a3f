import { type Rating, RatingsQuery, type SatisfactionReport } from '#contracts/api/satisfaction.ts';
import { principalOf } from '#packages/http/auth.ts';
import { type Html, html } from '#packages/http/html.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { reads, staff } from '../reading.ts';
import { nextLink } from '../reads/paging.ts';
import { ratingsBehind, satisfactionDefinition } from '../satisfaction-report.ts';
import type { PagesDeps } from './deps.ts';
import { percent, time } from './format.ts';
import { pageSchema, sendPage, table } from './layout.ts';

/** The figure of satisfaction on the KPI page. */
export function satisfactionFigure({
  averageScore,
  csi,
  definition,
  href,
  ratings,
  solutions,
}: SatisfactionReport): Html {
  const average = averageScore === null ? 'no ratings' : `${averageScore} of 5 on average, ${ratings} ratings`;
  return html`<div class="figure"><h3>Satisfaction (CSI)</h3><p class="value">${percent(csi)}</p>
    <p>${average}, of ${solutions} solutions</p>
    <p class="hint">${definition} <a href="${href.replace('/v1/reports', '/kpi')}">Ratings</a></p></div>`;
}

const row = ({ agent, comment, group, ratedAt, rater, score, ticket }: Rating) => [
  time(ratedAt),
  html`<a href="/tickets/${ticket.number}">#${ticket.number}</a> ${ticket.subject}`,
  `${score} of 5`,
  comment ?? '–',
  rater.name,
  agent?.name ?? group?.name ?? '–',
];

/** The ratings behind the figure, with what customers said. */
export function registerSatisfactionPage(app: HttpServer, deps: PagesDeps): void {
  app.get(
    '/kpi/satisfaction/ratings',
    {
      preHandler: reads(deps, 'ratings').preHandler,
      config: { access: staff, session: true },
      schema: { ...pageSchema, querystring: RatingsQuery },
    },
    async (request, reply) => {
      const { items, cursor } = await ratingsBehind(deps, request.query);
      const next = nextLink(request.url, cursor);
      const heads = ['When', 'Ticket', 'Score', 'Comment', 'By', 'Solved by'];
      const main = html`<h1>Ratings</h1>
        <p class="hint">${satisfactionDefinition}</p>
        ${items.length === 0 ? html`<p>None.</p>` : table(heads, items.map(row), { stacks: true })}
        ${next && html`<p><a href="${next}">More</a></p>`}`;
      return sendPage(reply, { title: 'Ratings', viewer: principalOf(request), path: '/kpi', main });
    },
  );
}
