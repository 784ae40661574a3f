import { refusals } from '#contracts/api/problem.ts';
import { ReplyDraftView } from '#contracts/api/reply-drafts.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import { streams } from '#contracts/events/streams.ts';
import { isHiddenFromCustomers, isIndifferentToReply } from '#packages/domain/ticket/audience.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads } from '../reading.ts';
import { findTicket } from '../reads/tickets.ts';
import { versionFor } from '../views/ticket.ts';

export function registerReplyDraftReads(app: HttpServer, deps: QueryApiDeps): void {
  const { preHandler, headers } = reads(deps, 'tickets');

  app.get(
    '/v1/tickets/:ticket/draft',
    {
      preHandler,
      config: { access: ['customer', 'agent', 'supervisor', 'admin'] },
      schema: {
        summary: 'Your unfinished reply',
        description: 'What you kept last, and whether the ticket has moved on since you began it.',
        tags: ['tickets'],
        headers,
        params: TicketParams,
        response: {
          200: ReplyDraftView,
          ...refusals('TICKET_NOT_FOUND', 'DRAFT_NOT_FOUND', 'READ_MODEL_UNAVAILABLE'),
        },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const isCustomer = principal.role === 'customer';
      const row = await findTicket(deps.db, request.params.ticket, principal);
      if (!row) throw new AppError('TICKET_NOT_FOUND');
      const draft = await deps.drafts.of(row.id, principal.personId);
      if (!draft) throw new AppError('DRAFT_NOT_FOUND');
      const { keptAt, version, ...written } = draft;
      // By the same rule as the comment is refused by later.
      const isIndifferent = isCustomer ? isHiddenFromCustomers : isIndifferentToReply;
      const since = version === null ? [] : await eventsBetween(deps, row.id, version, row.version);
      return {
        ...written,
        version,
        ticketVersion: versionFor(row, isCustomer),
        moved: !since.every(isIndifferent),
        keptAt: keptAt.toISOString(),
      };
    },
  );
}

/** What happened on a ticket after one version, up to another that the read models know of. */
const eventsBetween = async ({ store }: QueryApiDeps, ticketId: string, seen: number, known: number) =>
  seen < known ? store.readStream(streams.ticket(ticketId), { fromVersion: seen + 1, toVersion: known }) : [];
