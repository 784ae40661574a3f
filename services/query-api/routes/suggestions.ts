import { SuggestionQuery, Suggestions } from '#contracts/api/articles.ts';
import { refusals } from '#contracts/api/problem.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import { servicePath } from '#packages/domain/service-tree.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads, staff } from '../reading.ts';
import { suggestionsFor } from '../reads/suggestions.ts';
import { openTicket } from '../ticket-source.ts';
import { publishedSummary } from '../views/article.ts';

export function registerSuggestions(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'suggestions');

  app.get(
    '/v1/tickets/:ticket/suggestions',
    {
      preHandler,
      config: { access: ['customer', ...staff] },
      schema: {
        tags: ['knowledge'],
        headers,
        summary: 'Articles and solved tickets that may help',
        description:
          'By the words of the subject and of the first message: of the same service (and type) first, then by how much ' +
          'they have in common. Customers get articles only, as far as they may read them.',
        params: TicketParams,
        querystring: SuggestionQuery,
        response: { 200: Suggestions, ...refusals('TICKET_NOT_FOUND', 'READ_MODEL_UNAVAILABLE', 'TIMEOUT') },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { row } = await openTicket(deps, request.params.ticket, principal);
      const settings = deps.settings.current();
      const { articles, tickets } = await suggestionsFor(deps.db, row.id, {
        limit: request.query.limit ?? 5,
        principal,
        servicesOf: (id) => servicePath(id, settings),
      });
      return {
        articles: articles.map((each) => publishedSummary(each, settings)),
        tickets: tickets.map(({ number, solved_at, subject, ticket_id: id }) => ({
          ...{ id, number, subject },
          solvedAt: solved_at.toISOString(),
        })),
      };
    },
  );
}
