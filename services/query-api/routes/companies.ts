import { Company, CompanyPage, CompanyParams, CompanyQuery } from '#contracts/api/companies.ts';
import { refusals } from '#contracts/api/problem.ts';
import { etagOf } from '#packages/http/etag.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads, staff } from '../reading.ts';
import { findCompany, listCompanies } from '../reads/companies.ts';
import { nextLink } from '../reads/paging.ts';
import { companyViews } from '../views/directory.ts';

export function registerCompanyReads(app: HttpServer, deps: QueryApiDeps): void {
  const { db } = deps;
  const { preHandler, headers } = reads(deps, 'directory');
  const common = { tags: ['directory'], headers };

  app.get(
    '/v1/companies',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'List companies',
        querystring: CompanyQuery,
        response: { 200: CompanyPage, ...refusals('INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const { rows, cursor } = await listCompanies(db, request.query);
      return { items: await companyViews(deps, rows), next: nextLink(request.url, cursor) };
    },
  );

  app.get(
    '/v1/companies/:company',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'One company',
        description: 'Also one that was merged: `mergedInto` tells which goes on for it. The ETag is for changes.',
        params: CompanyParams,
        response: { 200: Company, ...refusals('NOT_FOUND', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request, reply) => {
      const row = await findCompany(db, request.params.company);
      const [view] = row ? await companyViews(deps, [row]) : [];
      if (!view) throw new AppError('NOT_FOUND', { detail: 'There is no such company.' });
      reply.header('etag', etagOf(view.version));
      return view;
    },
  );
}
