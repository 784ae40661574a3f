import { refusals } from '#contracts/api/problem.ts';
import { MentionList, MentionQuery } from '#contracts/api/ticket-conversation.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads } from '../reading.ts';
import { findMentionable } from '../reads/mentionable.ts';

export function registerMentionFinder(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'directory');

  app.get(
    '/v1/mentions',
    {
      preHandler,
      config: { access: ['agent', 'supervisor', 'admin'] },
      schema: {
        summary: 'Find somebody to mention',
        description:
          'Groups and people by parts of a name, of a mail address (login, domain) or of a domain of their company; the best first.',
        tags: ['directory'],
        headers,
        querystring: MentionQuery,
        response: { 200: MentionList, ...refusals('READ_MODEL_UNAVAILABLE') },
      },
    },
    async ({ query: { limit = 10, q } }) => ({ items: [...(await findMentionable(deps.db, { limit, q }))] }),
  );
}
