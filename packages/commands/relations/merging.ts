import type { ProblemCode } from '#contracts/problems.ts';
import { isBound } from '#packages/domain/ticket/relations-state.ts';
import { setAsideRefusal } from '#packages/domain/ticket/set-aside.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { type CommandContext, type Outcome, stepOf } from '../context.ts';
import { about, isSettledTo, otherTicket, ownTicket, type RelationDeps, refOf, unconditional } from './deps.ts';
import type { Moves } from './moves.ts';
import { absorbedOf, type FoundTicket, walkDown } from './related-tickets.ts';

type Merge = { readonly mergeId: string; readonly ticketId: string; readonly into: string };

/** The ticket that a merge was offered to which has been settled, either way. */
const settledInto = ({ events }: FoundTicket, mergeId: string): string | undefined =>
  events.flatMap(({ data, type }) =>
    (type === 'TicketMerged' || type === 'TicketMergeDeclined') && data.mergeId === mergeId ? data.into : [],
  )[0];

/** Why a message may stay on the survivor: somebody has moved it, or nothing is done there any more. */
const staying: ReadonlySet<ProblemCode> = new Set([
  'COMMENT_NOT_FOUND',
  'TICKET_TOO_LONG',
  'TICKET_MERGED',
  'TICKET_IS_SPAM',
]);

/**
 * Merging tickets: one stream each, no transaction. The survivor is offered the other ticket; then, and not before, it is
 * looked whether the tickets would lead round; then the other ticket settles it. As every merge makes its offer before it
 * looks, of merges that cross at least one sees the other. What a crash leaves half done goes on from the offer
 * (services/relations); whoever settles first decides.
 */
export function createMerging(deps: RelationDeps & { readonly moves: Pick<Moves, 'letGo'> }) {
  const { moves, store, tickets } = deps;

  const release = (into: string, mergeId: string, reason: 'declined' | 'unmerged', context: CommandContext) =>
    tickets.change(into, { type: 'ReleaseMerge', data: { mergeId, reason } }, stepOf(context, 'release'));

  /** Why a merge came to nothing; null when it did come about. */
  const refusalOf = async ({ mergeId, ticketId }: Merge): Promise<AppError | null> => {
    const { events, state } = await ownTicket(deps, ticketId);
    const declined = events.find(({ data, type }) => type === 'TicketMergeDeclined' && data.mergeId === mergeId);
    if (declined?.type !== 'TicketMergeDeclined') return null;
    if (declined.data.reason === 'set-aside' && state.setAside) return setAsideRefusal(state.number, state.setAside);
    const detail = `Ticket ${declined.data.number} is, or is just being, merged into ${state.number} itself.`;
    return new AppError('RELATION_CYCLE', { detail, fields: [{ pointer: '/into', detail }] });
  };

  /** The second half: looks and settles. Rejects with RELATION_CYCLE, or when another merge was first. */
  const settle = async ({ into, mergeId, ticketId }: Merge, context: CommandContext): Promise<Outcome> => {
    const [self, survivor] = await Promise.all([ownTicket(deps, ticketId), ownTicket(deps, into)]);
    const below = await walkDown(store, self, { below: ({ relations }) => relations.absorbed, counts: isBound });
    const refusal = below.some(({ id }) => id === into) ? 'cycle' : null;
    const data = { mergeId, into, number: survivor.state.number, refusal } as const;
    const outcome = await tickets.change(ticketId, { type: 'SettleMerge', data }, unconditional(context));
    const refused = await refusalOf({ into, mergeId, ticketId });
    if (!refused) return outcome;
    await release(into, mergeId, 'declined', context);
    throw refused;
  };

  /**
   * What its customer wrote while the ticket was merged goes back to it, and what the customers of those merged into it
   * wrote to theirs: on the survivor they would not see it any more.
   */
  const bringHome = async (ticketId: string, from: string, context: CommandContext): Promise<void> => {
    const [self, survivor] = await Promise.all([ownTicket(deps, ticketId), ownTicket(deps, from)]);
    const homes = new Map([self, ...(await absorbedOf(store, self))].map((each) => [each.id, refOf(each)]));
    for (const { data, type } of survivor.events) {
      const to = type === 'TicketCommented' ? homes.get(data.mergedTicket?.ticketId ?? '') : undefined;
      if (type !== 'TicketCommented' || !to || !survivor.state.commentIds.includes(data.commentId)) continue;
      try {
        await moves.letGo(survivor, data.commentId, { to, opens: null }, stepOf(context, `home ${data.commentId}`));
      } catch (error) {
        if (!isAppError(error) || !staying.has(error.code)) throw error;
      }
    }
  };

  /** The half of taking a merge back that is done on other tickets. */
  const afterUnmerge = async (
    ticketId: string,
    { into, mergeId }: Pick<Merge, 'into' | 'mergeId'>,
    context: CommandContext,
  ): Promise<void> => {
    await release(into, mergeId, 'unmerged', context);
    await bringHome(ticketId, into, context);
  };

  return {
    settle,
    release,
    afterUnmerge,
    /** Sets a ticket aside in favour of another one, which goes on with its messages and answers its requester too. */
    async merge(ticketId: string, into: string, context: CommandContext): Promise<Outcome> {
      const mergeId = idFrom('merge', context.commandId);
      const self = await ownTicket(deps, ticketId);
      const target = refOf(await otherTicket(deps, into, '/into'));
      if (isSettledTo(into, settledInto(self, mergeId))) return settle({ mergeId, ticketId, into }, context);
      const prepared = await tickets.change(
        ticketId,
        { type: 'PrepareMerge', data: { mergeId, into: target } },
        context,
      );
      const offer = { mergeId, ...refOf(self), requesterId: self.state.requesterId };
      if (!prepared.duplicate)
        await about('/into', tickets.change(into, { type: 'OfferMerge', data: offer }, stepOf(context, 'offer')));
      return settle({ mergeId, ticketId, into }, context);
    },
    /** Takes a merge back. Rejects with NOT_MERGED, and with TICKET_MERGED or TICKET_IS_SPAM when the survivor is set aside. */
    async unmerge(ticketId: string, context: CommandContext): Promise<Outcome> {
      const { setAside } = (await ownTicket(deps, ticketId)).state;
      if (setAside?.kind === 'merged') {
        const survivor = await ownTicket(deps, setAside.into);
        if (survivor.state.setAside) throw setAsideRefusal(survivor.state.number, survivor.state.setAside);
      }
      const outcome = await tickets.change(ticketId, { type: 'Unmerge', data: {} }, context);
      const { events } = await ownTicket(deps, ticketId);
      const done = events.findLast(
        ({ metadata, type }) => type === 'TicketUnmerged' && metadata.commandId === context.commandId,
      );
      if (done?.type !== 'TicketUnmerged') return outcome;
      await afterUnmerge(ticketId, done.data, context);
      const last = (await ownTicket(deps, ticketId)).events.at(-1);
      return last ? { ...outcome, version: last.version, position: last.position } : outcome;
    },
  };
}

export type Merging = ReturnType<typeof createMerging>;
