import { CallSuggestionQuery, CallSuggestions } from '#contracts/api/calls.ts';
import { refusals } from '#contracts/api/problem.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads } from '../reading.ts';
import {
  openTicketsOf,
  type PossibleTicket,
  possibleCallers,
  possibleCompanies,
  similarOpenTickets,
} from '../reads/calls.ts';
import { domainsOf } from '../reads/companies.ts';
import { loadNames, type Names } from '../reads/names.ts';
import { emailsOf, phonesOf } from '../reads/people.ts';
import { gathered, withAbsorbed } from '../views/directory.ts';

/** What an operator is shown while a call is being typed in. */
export function registerCallSuggestions(app: HttpServer, deps: QueryApiDeps): void {
  const { db } = deps;
  const { preHandler, headers } = reads(deps, 'calls');

  app.get(
    '/v1/calls/suggestions',
    {
      preHandler,
      config: { access: ['agent', 'supervisor', 'admin'] },
      schema: {
        tags: ['tickets'],
        headers,
        summary: 'Who may be calling, and about what',
        description:
          'While the call is typed in: people and companies that the letters and digits so far may mean, their open tickets, ' +
          'and open tickets that may be about the same. Ten of each at most.',
        querystring: CallSuggestionQuery,
        response: { 200: CallSuggestions, ...refusals('READ_MODEL_UNAVAILABLE', 'TIMEOUT') },
      },
    },
    async ({ query }) => {
      const [people, companies, similar] = await Promise.all([
        possibleCallers(db, query),
        possibleCompanies(db, query),
        similarOpenTickets(db, query.subject ?? ''),
      ]);
      const [callers, employers] = await Promise.all([
        withAbsorbed(db, 'people', people),
        withAbsorbed(db, 'companies', companies),
      ]);
      const tickets = await openTicketsOf(db, callers.all);
      const [emails, phones, domains, names] = await Promise.all([
        emailsOf(db, callers.all),
        phonesOf(db, callers.all),
        domainsOf(db, employers.all),
        loadNames(db, {
          people: [...tickets, ...similar].map(({ requester_id }) => requester_id),
          companies: people.map(({ company_id }) => company_id),
        }),
      ]);
      // A number or an address that matched may be of somebody who was merged.
      const emailsIn = gathered(emails, callers.absorbed, (email) => email);
      const phonesIn = gathered(phones, callers.absorbed, ({ number }) => number);
      const domainsIn = gathered(domains, employers.absorbed, (domain) => domain);
      return {
        people: people.map((row) => ({
          ...{ id: row.id, name: row.name, company: names.company(row.company_id), matched: [...row.matched] },
          emails: emailsIn(row),
          phones: phonesIn(row),
        })),
        companies: companies.map(({ id, name }) => ({ id, name, domains: domainsIn({ id }) })),
        tickets: tickets.map((row) => ticketView(row, names)),
        similar: similar.map((row) => ticketView(row, names)),
      };
    },
  );
}

const ticketView = ({ id, number, requester_id, status, subject, updated_at }: PossibleTicket, names: Names) => ({
  ...{ id, number, subject, status },
  requester: names.person(requester_id),
  updatedAt: updated_at.toISOString(),
});
