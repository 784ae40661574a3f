import type { EventType } from '#contracts/events/all.ts';
import { idOf } from '#contracts/events/streams.ts';
import type { ProblemCode } from '#contracts/problems.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import type { RelationDeps } from './deps.ts';
import { createLinks } from './links.ts';
import { createMerging } from './merging.ts';
import { createMoves } from './moves.ts';
import { createParents } from './parents.ts';

/** Events after which a second ticket has something to do. */
export const halfDoneTypes = [
  'TicketAbsorbed',
  'TicketMergeDeclined',
  'TicketUnmerged',
  'TicketChildAdded',
  'TicketParentChanged',
  'TicketParentDeclined',
  'TicketCommentMovedOut',
] as const satisfies readonly EventType[];

/** Ways in which a merge or a parent may be declined, which is an end like any other. */
const declined: ReadonlySet<ProblemCode> = new Set([
  'RELATION_CYCLE',
  'RELATION_LIMIT',
  'TICKET_MERGED',
  'TICKET_IS_SPAM',
]);

/**
 * The write side of what binds tickets to each other. Each function does all of its steps before it resolves; every
 * command id follows from that of the caller, so that it may be called again from any point.
 */
export function createRelationCommands(deps: RelationDeps) {
  const moves = createMoves(deps);
  const merging = createMerging({ ...deps, moves });
  const parents = createParents(deps);
  const links = createLinks(deps);

  const goOn = async (event: StoredEvent, context: CommandContext): Promise<void> => {
    const id = idOf(event.stream);
    switch (event.type) {
      case 'TicketAbsorbed':
        await merging.settle({ mergeId: event.data.mergeId, ticketId: event.data.ticketId, into: id }, context);
        return;
      case 'TicketMergeDeclined':
        await merging.release(event.data.into, event.data.mergeId, 'declined', context);
        return;
      case 'TicketUnmerged':
        await merging.afterUnmerge(id, event.data, context);
        return;
      case 'TicketChildAdded':
        await parents.settle({ changeId: event.data.changeId, childId: event.data.ticketId, parentId: id }, context);
        return;
      case 'TicketParentChanged': {
        const { previous } = event.data;
        if (previous) await parents.release(previous.ticketId, previous.changeId, 'left', context);
        return;
      }
      case 'TicketParentDeclined':
        await parents.release(event.data.parent.ticketId, event.data.changeId, 'declined', context);
        return;
      case 'TicketCommentMovedOut':
        await moves.arrive(id, event.data, context);
        return;
      default:
    }
  };

  return {
    merge: merging.merge,
    unmerge: merging.unmerge,
    setParent: parents.setParent,
    move: moves.move,
    split: moves.split,
    link: links.link,
    unlink: links.unlink,
    /** Does what is left to do after an event of `halfDoneTypes`, nothing when its command has come to its end. */
    async complete(event: StoredEvent, context: CommandContext): Promise<void> {
      try {
        await goOn(event, context);
      } catch (error) {
        if (!isAppError(error) || !declined.has(error.code)) throw error;
      }
    },
  };
}

export type RelationCommands = ReturnType<typeof createRelationCommands>;
