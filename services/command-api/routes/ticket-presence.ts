import { Type } from 'typebox';
import { refusals } from '#contracts/api/problem.ts';
import { PresenceBody } from '#contracts/api/ticket-conversation.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { CommandApiDeps } from '../deps.ts';
import { visibleTicket } from '../facts.ts';
import { agents } from '../ticket-change.ts';

/** Who has a ticket open: nothing that happens to the ticket, so neither an event nor a reason to name a version. */
export function registerPresence(app: HttpServer, deps: CommandApiDeps): void {
  app.put(
    '/v1/tickets/:ticket/presence',
    {
      config: { access: agents, commands: [] },
      schema: {
        summary: 'Say that you have the ticket open',
        description: 'Forgotten after 30 seconds, so say it again while it lasts; `away` takes it back at once.',
        tags: ['tickets'],
        params: TicketParams,
        body: PresenceBody,
        response: {
          204: Type.Null({ description: 'Said' }),
          ...refusals('TICKET_NOT_FOUND', 'READ_MODEL_UNAVAILABLE'),
        },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const id = await visibleTicket(deps, request.params.ticket, principal);
      await deps.presence.say(id, principal.personId, request.body.state);
      return reply.code(204).send(null);
    },
  );
}
