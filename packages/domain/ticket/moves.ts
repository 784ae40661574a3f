import { AppError } from '#packages/kernel/errors.ts';
import type { Handlers } from './handlers.ts';
import { refuseItself } from './merging.ts';
import type { MoveCommand } from './relations-commands.ts';
import { refuseClosed } from './status.ts';

/**
 * Messages that go from one ticket to another. They move neither status nor SLA clocks on either side: what was answered
 * in time was answered in time. Refuses with COMMENT_NOT_FOUND, COMMENT_NOT_MOVABLE, RELATION_TO_ITSELF, TICKET_CLOSED.
 */
export const moves: Handlers<MoveCommand> = {
  MoveCommentOut({ data }, { commentIds, number }) {
    refuseItself(number, data.to.number, '/to');
    if (!commentIds.includes(data.commentId)) throw new AppError('COMMENT_NOT_FOUND');
    if (commentIds[0] === data.commentId)
      throw new AppError('COMMENT_NOT_MOVABLE', { detail: 'The first message is what the ticket is about.' });
    return [{ type: 'TicketCommentMovedOut', data }];
  },
  PrepareMoveIn(_command, ticket) {
    refuseClosed(ticket);
    return [];
  },
  MoveCommentIn({ data }, { relations }) {
    return relations.taken.includes(data.moveId) ? [] : [{ type: 'TicketCommentMovedIn', data }];
  },
};
