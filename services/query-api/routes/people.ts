import { Me, Person, PersonPage, PersonParams, PersonQuery, TokenList } from '#contracts/api/directory.ts';
import { refusals } from '#contracts/api/problem.ts';
import { roles } from '#contracts/primitives.ts';
import { principalOf } from '#packages/http/auth.ts';
import { etagOf } from '#packages/http/etag.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads, staff } from '../reading.ts';
import { tokensOf } from '../reads/directory.ts';
import { nextLink } from '../reads/paging.ts';
import { findPerson, listPeople } from '../reads/people.ts';
import { personViews } from '../views/directory.ts';

export function registerPeopleReads(app: HttpServer, deps: QueryApiDeps): void {
  const { db } = deps;
  const { preHandler, headers } = reads(deps, 'directory');
  const common = { tags: ['directory'], headers };

  app.get(
    '/v1/me',
    {
      preHandler,
      config: { access: roles },
      schema: { ...common, summary: 'Who you are', response: { 200: Me, ...refusals('READ_MODEL_UNAVAILABLE') } },
    },
    async (request) => {
      const { personId, role, tokenId } = principalOf(request);
      const person = await findPerson(db, personId);
      return { id: personId, name: person?.name ?? personId, role, roles: [...(person?.roles ?? [role])], tokenId };
    },
  );

  app.get(
    '/v1/people',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'List people',
        querystring: PersonQuery,
        response: { 200: PersonPage, ...refusals('INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const page = await listPeople(db, request.query);
      return { items: await personViews(deps, page.rows), next: nextLink(request.url, page.cursor) };
    },
  );

  app.get(
    '/v1/people/:person',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'One person',
        description: 'Also somebody who was merged: `mergedInto` tells who goes on for them. The ETag is for changes.',
        params: PersonParams,
        response: { 200: Person, ...refusals('NOT_FOUND', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request, reply) => {
      const row = await findPerson(db, request.params.person);
      const [view] = row ? await personViews(deps, [row]) : [];
      if (!view) throw new AppError('NOT_FOUND', { detail: 'There is no such person.' });
      reply.header('etag', etagOf(view.version));
      return view;
    },
  );

  app.get(
    '/v1/people/:person/tokens',
    {
      preHandler,
      config: { access: ['admin'] },
      schema: {
        ...common,
        summary: 'API tokens of a person',
        description: 'Without the tokens themselves, which nobody can show again.',
        params: PersonParams,
        response: { 200: TokenList, ...refusals('READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const tokens = await tokensOf(db, request.params.person);
      const items = tokens.map(({ issued_at, expires_at, revoked_at, ...token }) => ({
        ...token,
        issuedAt: issued_at.toISOString(),
        expiresAt: expires_at?.toISOString() ?? null,
        revokedAt: revoked_at?.toISOString() ?? null,
      }));
      return { items };
    },
  );
}
