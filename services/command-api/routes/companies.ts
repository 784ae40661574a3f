import { changeHeaders } from '#contracts/api/common.ts';
import {
  ChangeDomainsBody,
  CompanyRegistered,
  RegisterCompany,
  RenameCompanyBody,
  TariffBody,
} from '#contracts/api/companies.ts';
import { NotesBody } from '#contracts/api/people.ts';
import { refusals } from '#contracts/api/problem.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { companyDomain } from '#packages/mail/company-domain.ts';
import { changed, commandContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { registerDirectoryChange } from '../directory-change.ts';
import { agents } from '../ticket-change.ts';

const kind = 'companies';

/** A mail domain as it is kept. Throws DOMAIN_INVALID for what is none, and for those of free mail, which say nothing. */
function domainOf(text: string, pointer: string): string {
  const domain = companyDomain(`postmaster@${text.trim().replace(/^@/, '')}`);
  if (domain !== null) return domain;
  const fields = [{ pointer, detail: 'must be a mail domain that a company has to itself' }];
  throw new AppError('DOMAIN_INVALID', { fields });
}
const domainsOf = (list: readonly string[], pointer: string): string[] =>
  list.map((text, index) => domainOf(text, `${pointer}/${index}`));

export function registerCompanyCommands(app: HttpServer, deps: CommandApiDeps): void {
  const { companies } = deps.directory;

  app.post(
    '/v1/companies',
    {
      config: { access: agents, commands: ['RegisterCompany', 'ClaimDomain'] },
      schema: {
        summary: 'Register a company',
        description: 'Companies register themselves by the mail domains of customers; this is for all others.',
        tags: ['directory'],
        headers: changeHeaders,
        body: RegisterCompany,
        response: { 201: CompanyRegistered, ...refusals('DOMAIN_INVALID', 'DOMAIN_TAKEN', 'IDEMPOTENCY_KEY_REUSED') },
      },
    },
    async (request, reply) => {
      const { domains = [], name, notes, tariff = null } = request.body;
      const company = {
        name: name.trim(),
        domains: domainsOf(domains, '/domains'),
        tariff,
        notes: notes?.trim() || null,
      };
      const done = await companies.registerCompany(company, commandContext(request));
      reply.code(201).header('location', `/v1/companies/${done.companyId}`);
      return { id: done.companyId, ...changed(reply, done) };
    },
  );

  registerDirectoryChange(app, deps, {
    kind,
    method: 'PUT',
    path: '/name',
    commands: ['RenameCompany'],
    summary: 'Change the name of a company',
    body: RenameCompanyBody,
    change: ({ id, body, context }) =>
      companies.changeCompany(id, { type: 'RenameCompany', data: { name: body.name.trim() } }, context),
  });

  registerDirectoryChange(app, deps, {
    kind,
    method: 'POST',
    path: '/domains',
    commands: ['ChangeDomains', 'ClaimDomain', 'ReleaseDomain'],
    summary: 'Add and remove mail domains of a company',
    description:
      'Who writes from there for the first time is registered as theirs; people known already stay where they are. A domain ' +
      'of another company is refused; `id` tells whose it is.',
    body: ChangeDomainsBody,
    refusals: ['DOMAIN_INVALID', 'DOMAIN_TAKEN', 'TOO_MANY_DOMAINS'],
    change: ({ id, body: { add = [], remove = [] }, context }) =>
      companies.changeDomains(id, { add: domainsOf(add, '/add'), remove: domainsOf(remove, '/remove') }, context),
  });

  registerDirectoryChange(app, deps, {
    kind,
    method: 'PUT',
    path: '/tariff',
    commands: ['ChangeTariff'],
    summary: 'Change the tariff of a company',
    body: TariffBody,
    change: ({ id, body, context }) => companies.changeCompany(id, { type: 'ChangeTariff', data: body }, context),
  });

  registerDirectoryChange(app, deps, {
    kind,
    method: 'PUT',
    path: '/notes',
    commands: ['ChangeCompanyNotes'],
    summary: 'Write notes about a company',
    description: 'Plain text for agents. Customers never see it.',
    body: NotesBody,
    change: ({ id, body, context }) => companies.changeCompany(id, { type: 'ChangeCompanyNotes', data: body }, context),
  });
}
