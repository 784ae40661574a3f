import { refusals } from '#contracts/api/problem.ts';
import { RatingPage, RatingsQuery, SatisfactionQuery, SatisfactionReport } from '#contracts/api/satisfaction.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads, staff } from '../reading.ts';
import { nextLink } from '../reads/paging.ts';
import { ratingsBehind, satisfactionReport } from '../satisfaction-report.ts';

export function registerSatisfactionReports(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'ratings');
  const common = { tags: ['reports'], headers };

  app.get(
    '/v1/reports/satisfaction',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'Satisfaction of customers (CSI)',
        description: 'Of the ratings given in the period, with what is counted and the way to the ratings themselves.',
        querystring: SatisfactionQuery,
        response: { 200: SatisfactionReport, ...refusals('INVALID_REQUEST', 'READ_MODEL_UNAVAILABLE', 'TIMEOUT') },
      },
    },
    async (request) => satisfactionReport(deps, request.query),
  );

  app.get(
    '/v1/reports/satisfaction/ratings',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'Ratings with what customers said',
        description: 'Exactly the ratings that the report of the same period and group counts, the newest first.',
        querystring: RatingsQuery,
        response: { 200: RatingPage, ...refusals('INVALID_REQUEST', 'INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const { items, cursor } = await ratingsBehind(deps, request.query);
      return { items, next: nextLink(request.url, cursor) };
    },
  );
}
