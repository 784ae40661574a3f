import { Type } from 'typebox';
import { refusals } from '#contracts/api/problem.ts';
import { KeepReplyDraft } from '#contracts/api/reply-drafts.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import { refuseUnstorableText } from '#packages/event-store/unstorable-text.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { CommandApiDeps } from '../deps.ts';
import { refuseNoteOfCustomer, visibleTicket } from '../facts.ts';
import { agents } from '../ticket-change.ts';

/** Unfinished replies: nothing was said yet, so neither an event nor a reason to name a version in If-Match. */
export function registerReplyDrafts(app: HttpServer, deps: CommandApiDeps): void {
  const common = { tags: ['tickets'], params: TicketParams };
  const config = { access: ['customer', ...agents] as const, commands: [] };

  app.put(
    '/v1/tickets/:ticket/draft',
    {
      config,
      bodyLimit: 6 * 1_048_576,
      schema: {
        ...common,
        summary: 'Keep a reply that is not finished',
        description:
          'In place of the one you kept before: everybody has one on a ticket, and nobody sees another’s. Forgotten when ' +
          'you comment on the ticket, and after 30 days. Whatever state the ticket is in, what was written is kept.',
        body: KeepReplyDraft,
        response: {
          204: Type.Null({ description: 'Kept' }),
          ...refusals('TICKET_NOT_FOUND', 'READ_MODEL_UNAVAILABLE'),
        },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { html = null, text, version = null, visibility } = request.body;
      const id = await visibleTicket(deps, request.params.ticket, principal);
      refuseNoteOfCustomer(principal, visibility);
      refuseUnstorableText(request.body, '');
      await deps.drafts.keep(id, principal.personId, { visibility, text, html, version });
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/v1/tickets/:ticket/draft',
    {
      config,
      schema: {
        ...common,
        summary: 'Throw an unfinished reply away',
        description: 'Also when there is none.',
        response: {
          204: Type.Null({ description: 'Gone' }),
          ...refusals('TICKET_NOT_FOUND', 'READ_MODEL_UNAVAILABLE'),
        },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const id = await visibleTicket(deps, request.params.ticket, principal);
      await deps.drafts.forget(id, principal.personId);
      return reply.code(204).send(null);
    },
  );
}
