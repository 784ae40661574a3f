import { Type } from 'typebox';
import { Catalogue } from '#contracts/api/catalogue.ts';
import { refusals } from '#contracts/api/problem.ts';
import { TagList } from '#contracts/api/ticket-attributes.ts';
import { Strict } from '#contracts/primitives.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { QueryApiDeps } from '../deps.ts';
import { everybody, reads, staff } from '../reading.ts';
import { startingWith } from '../reads/paging.ts';
import { catalogueOf } from '../views/catalogue.ts';

const TagQuery = Strict({
  prefix: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
});

export function registerCatalogue(app: HttpServer, deps: QueryApiDeps): void {
  const tags = reads(deps, 'tags');

  app.get(
    '/v1/catalogue',
    {
      config: { access: everybody },
      schema: {
        tags: ['tickets'],
        summary: 'What a ticket can be opened with',
        description: 'Types, services, custom fields and forms in use. Customers get what is open to them.',
        response: { 200: Catalogue },
      },
    },
    async (request) => catalogueOf(deps.settings.current(), principalOf(request).role === 'customer'),
  );

  app.get(
    '/v1/tags',
    {
      preHandler: tags.preHandler,
      config: { access: staff },
      schema: {
        tags: ['tickets'],
        headers: tags.headers,
        summary: 'Tags in use',
        description: 'With how many tickets have each, the most used first.',
        querystring: TagQuery,
        response: { 200: TagList, ...refusals('READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const { limit = 100, prefix } = request.query;
      const all = deps.db.selectFrom('tags').selectAll().orderBy('tickets', 'desc').orderBy('tag').limit(limit);
      const asked = prefix === undefined ? all : all.where('tag', 'like', startingWith(prefix.toLowerCase()));
      return { items: await onReadDb(() => asked.execute()) };
    },
  );
}
