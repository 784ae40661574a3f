import { AppError } from '#packages/kernel/errors.ts';
import type { Handlers } from './handlers.ts';
import { refuseItself, refuseMore } from './merging.ts';
import type { LinkCommand } from './relations-commands.ts';

export const maxLinks = 200;

/**
 * Links to other tickets. They tell people something and nothing is computed from them, so that they may lead round in
 * a circle. Refuses with RELATION_TO_ITSELF, LINK_EXISTS, LINK_NOT_FOUND and RELATION_LIMIT.
 */
export const links: Handlers<LinkCommand> = {
  LinkTicket({ data }, { number, relations }) {
    refuseItself(number, data.number, '/ticket');
    if (relations.links.some(({ kind, ticketId }) => kind === data.kind && ticketId === data.ticketId))
      throw new AppError('LINK_EXISTS');
    refuseMore(relations.links, maxLinks, 'links');
    return [{ type: 'TicketLinked', data }];
  },
  UnlinkTicket({ data }, { relations }) {
    const link = relations.links.find(({ kind, ticketId }) => kind === data.kind && ticketId === data.ticketId);
    if (!link) throw new AppError('LINK_NOT_FOUND');
    return [{ type: 'TicketUnlinked', data: link }];
  },
};
