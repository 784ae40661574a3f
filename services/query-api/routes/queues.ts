import { refusals } from '#contracts/api/problem.ts';
import { Queues } from '#contracts/api/queues.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { queuesFor } from '../queues.ts';
import { reads, staff } from '../reading.ts';

export function registerQueues(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'tickets');

  app.get(
    '/v1/queues',
    {
      preHandler,
      config: { access: staff },
      schema: {
        summary: 'Queues with counts',
        description: 'Open tickets per group and state. Every group has a queue, and so have tickets of no group.',
        tags: ['queues'],
        headers,
        response: { 200: Queues, ...refusals('READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => queuesFor(deps, principalOf(request).personId),
  );
}
