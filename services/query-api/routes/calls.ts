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
      const ids = people.map(({ id }) => id);
      const tickets = await openTicketsOf(db, ids);
      const [emails, phones, domains, names] = await Promise.all([
        emailsOf(db, ids),
        phonesOf(db, ids),
        domainsOf(
          db,
          companies.map(({ id }) => id),
        ),
        loadNames(db, {
          people: [...tickets, ...similar].map(({ requester_id }) => requester_id),
          companies: people.map(({ company_id }) => company_id),
        }),
      ]);
      return {
        people: people.map(({ company_id, id, matched, name }) => ({
          ...{ id, name, company: names.company(company_id), matched: [...matched] },
          emails: [...(emails.get(id) ?? [])],
          phones: [...(phones.get(id) ?? [])],
        })),
        companies: companies.map(({ id, name }) => ({ id, name, domains: [...(domains.get(id) ?? [])] })),
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
