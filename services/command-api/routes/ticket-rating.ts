import { RateTicketBody } from '#contracts/commands/ticket-satisfaction.ts';
import { isThem } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { CommandApiDeps } from '../deps.ts';
import { requesterOf } from '../facts.ts';
import { registerTicketChange } from '../ticket-change.ts';

export function registerTicketRating(app: HttpServer, deps: CommandApiDeps): void {
  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/rating',
    command: 'RateTicket',
    access: ['customer'],
    summary: 'Rate the solution',
    description: 'By the requester, for the last time the ticket was resolved; what was said of it before is replaced.',
    body: RateTicketBody,
    refusals: ['RATING_NOT_OPEN'],
    async change({ id, body: { score, comment = null }, principal, context }) {
      const raterId = await requesterOf(deps.store, id);
      if (raterId === null || !isThem(principal, raterId))
        throw new AppError('FORBIDDEN', { detail: 'Only who asked for something can rate how it was solved.' });
      const data = { round: null, score, comment, raterId, via: 'api' } as const;
      return deps.tickets.change(id, { type: 'RateTicket', data }, context);
    },
  });
}
