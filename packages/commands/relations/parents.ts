import { maxLevels } from '#packages/domain/ticket/parents.ts';
import { isBound } from '#packages/domain/ticket/relations-state.ts';
import { setAsideRefusal } from '#packages/domain/ticket/set-aside.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { type CommandContext, type Outcome, stepOf } from '../context.ts';
import { about, isSettledTo, otherTicket, ownTicket, type RelationDeps, refOf, unconditional } from './deps.ts';
import { type FoundTicket, readTicket, walkDown } from './related-tickets.ts';

type Change = { readonly changeId: string; readonly childId: string; readonly parentId: string };

/** The parent that a child was offered to and has settled with, either way. */
const settledTo = ({ events }: FoundTicket, changeId: string): string | undefined =>
  events.flatMap(({ data, type }) =>
    (type === 'TicketParentChanged' || type === 'TicketParentDeclined') && data.changeId === changeId
      ? (data.parent?.ticketId ?? [])
      : [],
  )[0];

/** Parents and children, by the same steps as merging: offered to the parent, looked at, settled by the child. */
export function createParents(deps: RelationDeps) {
  const { store, tickets } = deps;

  const release = (parentId: string, changeId: string, reason: 'declined' | 'left', context: CommandContext) =>
    tickets.change(
      parentId,
      { type: 'ReleaseChild', data: { changeId, reason } },
      stepOf(context, `release ${parentId}`),
    );

  /** Levels from the topmost ticket down to this one. */
  const depthOf = async (ticket: FoundTicket): Promise<number> => {
    let depth = 1;
    for (let up = ticket.state.relations.parent; up && depth <= maxLevels; depth += 1)
      up = (await readTicket(store, up.ticketId))?.state.relations.parent ?? null;
    return depth;
  };

  const refusalFor = async (child: FoundTicket, parent: FoundTicket): Promise<'cycle' | 'too-deep' | null> => {
    const below = await walkDown(store, child, { below: ({ relations }) => relations.children, counts: isBound });
    if (below.some(({ id }) => id === parent.id)) return 'cycle';
    const height = 1 + Math.max(0, ...below.map(({ level }) => level));
    return (await depthOf(parent)) + height > maxLevels ? 'too-deep' : null;
  };

  /** What a change came to: releases whom it leaves behind, and throws when it was declined. */
  const finish = async (childId: string, changeId: string, context: CommandContext): Promise<void> => {
    const { events, state } = await ownTicket(deps, childId);
    for (const { data, type } of events) {
      if (type === 'TicketParentChanged' && data.changeId === changeId && data.previous)
        await release(data.previous.ticketId, data.previous.changeId, 'left', context);
      if (type !== 'TicketParentDeclined' || data.changeId !== changeId) continue;
      await release(data.parent.ticketId, changeId, 'declined', context);
      if (data.reason === 'set-aside' && state.setAside) throw setAsideRefusal(state.number, state.setAside);
      const tooDeep = data.reason === 'too-deep';
      const detail = tooDeep
        ? `Tickets lie at most ${maxLevels} levels below each other.`
        : `Ticket ${data.parent.number} is itself below ${state.number}.`;
      throw new AppError(tooDeep ? 'RELATION_LIMIT' : 'RELATION_CYCLE', {
        detail,
        fields: [{ pointer: '/parent', detail }],
      });
    }
  };

  const settle = async ({ changeId, childId, parentId }: Change, context: CommandContext): Promise<Outcome> => {
    const [child, parent] = await Promise.all([ownTicket(deps, childId), ownTicket(deps, parentId)]);
    const data = { changeId, parent: refOf(parent), refusal: await refusalFor(child, parent) };
    const outcome = await tickets.change(childId, { type: 'SettleParent', data }, unconditional(context));
    await finish(childId, changeId, context);
    return outcome;
  };

  return {
    settle,
    release,
    /** Makes a ticket part of another one, or of none any more. Rejects with RELATION_CYCLE, RELATION_LIMIT, UNKNOWN_TICKET. */
    async setParent(childId: string, parentId: string | null, context: CommandContext): Promise<Outcome> {
      const changeId = idFrom('parent', context.commandId);
      const child = await ownTicket(deps, childId);
      const parent = parentId === null ? null : refOf(await otherTicket(deps, parentId, '/parent'));
      if (parent && isSettledTo(parent.ticketId, settledTo(child, changeId)))
        return settle({ changeId, childId, parentId: parent.ticketId }, context);
      const prepared = await tickets.change(childId, { type: 'PrepareParent', data: { parent } }, context);
      if (prepared.duplicate) {
        await finish(childId, changeId, context);
        return prepared;
      }
      if ((child.state.relations.parent?.ticketId ?? null) === parentId) return prepared;
      if (parent === null) {
        const data = { changeId, parent, refusal: null };
        const outcome = await tickets.change(childId, { type: 'SettleParent', data }, unconditional(context));
        await finish(childId, changeId, context);
        return outcome;
      }
      const offer = { changeId, ...refOf(child) };
      const offered = tickets.change(parent.ticketId, { type: 'OfferChild', data: offer }, stepOf(context, 'offer'));
      await about('/parent', offered);
      return settle({ changeId, childId, parentId: parent.ticketId }, context);
    },
  };
}

export type Parents = ReturnType<typeof createParents>;
