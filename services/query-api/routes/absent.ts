import { sql } from 'kysely';
import { refusals } from '#contracts/api/problem.ts';
import { AbsentQuery, TicketPage } from '#contracts/api/tickets.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads, staff } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { nextLink } from '../reads/paging.ts';
import { listTickets } from '../reads/tickets.ts';
import { readerOf } from '../views/reader.ts';
import { idsOf, ticketSummary } from '../views/ticket.ts';

/** The queue of tickets that nobody works on although they have an agent. */
export function registerAbsentQueue(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'absent');

  /** Agents who are absent now; of one deputy, or all. */
  const ofAbsent = (deputyId: string | null) => {
    const now = new Date(deps.clock.now().epochMilliseconds);
    return sql<boolean>`tickets.agent_id in (
      select a.agent_id from read.agent_absences a
      where a.starts_at <= ${now} and a.ends_at > ${now} and (${deputyId}::uuid is null or a.deputy_id = ${deputyId}::uuid))`;
  };

  app.get(
    '/v1/queues/absent',
    {
      preHandler,
      config: { access: staff },
      schema: {
        summary: 'Tickets whose agents are absent',
        description:
          'Open tickets of agents who are absent now, urgent and then oldest first. They stay with their agents until ' +
          'somebody hands them over; deputies find those that they stand in for.',
        tags: ['queues'],
        headers,
        querystring: AbsentQuery,
        response: { 200: TicketPage, ...refusals('INVALID_REQUEST', 'INVALID_CURSOR', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { deputy, ...query } = request.query;
      const deputyId = deputy === 'me' ? principal.personId : null;
      const also = { name: `absent ${deputyId ?? ''}`, condition: ofAbsent(deputyId) };
      const list = { ...query, sort: 'priority' as const };
      const { rows, cursor } = await listTickets(deps.db, list, principal, deps.settings.current(), also);
      const names = await loadNames(deps.db, idsOf(rows));
      const reader = readerOf(deps, principal);
      return { items: rows.map((row) => ticketSummary(row, names, reader)), next: nextLink(request.url, cursor) };
    },
  );
}
