import type { LinkKind } from '#contracts/events/ticket-relations.ts';
import { setAsideRefusal } from '#packages/domain/ticket/set-aside.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { type CommandContext, type Outcome, stepOf } from '../context.ts';
import { about, otherTicket, ownTicket, type RelationDeps, refOf, unconditional } from './deps.ts';
import type { FoundTicket } from './related-tickets.ts';

/** A link as it reads from one ticket to the other: of a kind, or the other way round. */
export type Link = { readonly kind: LinkKind; readonly inverse: boolean; readonly other: string };

/**
 * Links are one event on one stream. Whose it is follows from the kind, and for `related`, which reads alike from both
 * sides, from the ids: so the same link from either side meets in one stream and is not made twice.
 */
export function createLinks(deps: RelationDeps) {
  const { tickets } = deps;

  const ends = async (ticketId: string, { inverse, kind, other: otherId }: Link, context: CommandContext) => {
    const self = await ownTicket(deps, ticketId);
    const other = await otherTicket(deps, otherId, '/ticket');
    const { expectedVersion } = context;
    const turned = kind === 'related' ? other.id < self.id : inverse;
    if (turned && expectedVersion !== undefined && expectedVersion !== self.state.length)
      throw new AppError('VERSION_CONFLICT', { extra: { expected: expectedVersion, actual: self.state.length } });
    const [from, to] = turned ? [other, self] : [self, other];
    return { self, other, from, to, context: turned ? unconditional(context) : context };
  };

  const refuseSetAside = ({ state }: FoundTicket): void => {
    if (state.setAside) throw setAsideRefusal(state.number, state.setAside);
  };

  /** The version is that of the ticket which the caller named, whichever stream holds the link. */
  const outcomeFor = (self: FoundTicket, from: FoundTicket, outcome: Outcome): Outcome =>
    from.id === self.id ? outcome : { ...outcome, version: self.state.length };

  /** Of two links that cross, made at once on the two streams, the earlier stays. Rejects with LINK_EXISTS for the other. */
  const refuseCrossing = async (
    { from, kind, to }: { from: FoundTicket; to: FoundTicket; kind: LinkKind },
    { position }: Outcome,
    context: CommandContext,
  ): Promise<void> => {
    const { events, state } = await otherTicket(deps, to.id, '/ticket');
    const back = state.relations.links.find((link) => link.kind === kind && link.ticketId === from.id);
    const made = events.find(({ data, type }) => type === 'TicketLinked' && data.linkId === back?.linkId);
    if (!made || made.position > position) return;
    const data = { kind, ticketId: to.id };
    await tickets.change(from.id, { type: 'UnlinkTicket', data }, unconditional(stepOf(context, 'crossing')));
    throw new AppError('LINK_EXISTS');
  };

  return {
    /** Rejects with LINK_EXISTS also when the tickets are linked in that way the other way round. */
    async link(ticketId: string, link: Link, asked: CommandContext): Promise<Outcome> {
      const { context, from, other, self, to } = await ends(ticketId, link, asked);
      refuseSetAside(self);
      await about('/ticket', Promise.resolve(other).then(refuseSetAside));
      const back = to.state.relations.links.some(({ kind, ticketId: id }) => kind === link.kind && id === from.id);
      if (back) throw new AppError('LINK_EXISTS');
      const data = { linkId: idFrom('link', context.commandId), kind: link.kind, ...refOf(to) };
      const outcome = await tickets.change(from.id, { type: 'LinkTicket', data }, context);
      await refuseCrossing({ from, to, kind: link.kind }, outcome, context);
      return outcomeFor(self, from, outcome);
    },
    async unlink(ticketId: string, link: Link, asked: CommandContext): Promise<Outcome> {
      const { context, from, self, to } = await ends(ticketId, link, asked);
      refuseSetAside(self);
      const data = { kind: link.kind, ticketId: to.id };
      return outcomeFor(self, from, await tickets.change(from.id, { type: 'UnlinkTicket', data }, context));
    },
  };
}
