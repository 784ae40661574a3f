import { refusals } from '#contracts/api/problem.ts';
import { PresenceList } from '#contracts/api/ticket-conversation.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { findTicket } from '../reads/tickets.ts';

export function registerPresenceReads(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'tickets');

  app.get(
    '/v1/tickets/:ticket/presence',
    {
      preHandler,
      config: { access: ['agent', 'supervisor', 'admin'] },
      schema: {
        summary: 'Who has the ticket open',
        description: 'Everybody who said so within the last 30 seconds, you among them.',
        tags: ['tickets'],
        headers,
        params: TicketParams,
        response: { 200: PresenceList, ...refusals('TICKET_NOT_FOUND', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const row = await findTicket(deps.db, request.params.ticket, principalOf(request));
      if (!row) throw new AppError('TICKET_NOT_FOUND');
      const present = await deps.presence.on(row.id);
      const names = await loadNames(deps.db, { people: present.map(({ personId }) => personId) });
      return {
        items: present.map(({ personId, state, until }) => ({
          person: names.person(personId),
          state,
          until: until.toISOString(),
        })),
      };
    },
  );
}
