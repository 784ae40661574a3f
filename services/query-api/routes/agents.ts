import { Agent, AgentPage, AgentParams, AgentQuery } from '#contracts/api/agents.ts';
import { refusals } from '#contracts/api/problem.ts';
import { principalOf } from '#packages/http/auth.ts';
import { etagOf } from '#packages/http/etag.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads, staff } from '../reading.ts';
import { findAgent, listAgents } from '../reads/agents.ts';
import { nextLink } from '../reads/paging.ts';
import { agentViews } from '../views/agent.ts';

export function registerAgentReads(app: HttpServer, deps: QueryApiDeps): void {
  const { db } = deps;
  const { preHandler, headers } = reads(deps, 'agents');
  const common = { tags: ['directory'], headers };

  app.get(
    '/v1/agents',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'List agents',
        description: 'How they work, what they have on their desks, and whether they are available now and why not.',
        querystring: AgentQuery,
        response: { 200: AgentPage, ...refusals('INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const page = await listAgents(db, request.query);
      return {
        items: [...(await agentViews(deps, page.rows, principalOf(request)))],
        next: nextLink(request.url, page.cursor),
      };
    },
  );

  app.get(
    '/v1/agents/:agent',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'One agent',
        description: 'The ETag is for If-Match of changes of the profile.',
        params: AgentParams,
        response: { 200: Agent, ...refusals('NOT_FOUND', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request, reply) => {
      const row = await findAgent(db, request.params.agent);
      const [view] = row ? await agentViews(deps, [row], principalOf(request)) : [];
      if (!view) throw new AppError('NOT_FOUND', { detail: 'There is no such agent.' });
      reply.header('etag', etagOf(view.version));
      return view;
    },
  );
}
