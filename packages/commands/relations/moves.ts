import type { TicketEvent } from '#contracts/events/ticket.ts';
import { messageNow } from '#packages/domain/ticket/redaction.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { type CommandContext, type Outcome, stepOf } from '../context.ts';
import { about, isDoneBy, otherTicket, ownTicket, type RelationDeps, refOf } from './deps.ts';
import type { FoundTicket } from './related-tickets.ts';

type EventOf<T extends TicketEvent['type']> = StoredEvent<Extract<TicketEvent, { type: T }>>;
type Said = EventOf<'TicketCreated' | 'TicketCommented' | 'TicketCommentMovedIn'>;
type MovedOut = EventOf<'TicketCommentMovedOut'>['data'];

const isSaid = (event: StoredEvent): event is Said =>
  event.type === 'TicketCreated' || event.type === 'TicketCommented' || event.type === 'TicketCommentMovedIn';

/** The event of a ticket that holds a message, the newest when it has come back. Throws COMMENT_NOT_FOUND. */
function messageOn({ events }: FoundTicket, commentId: string): Said {
  const found = events.filter(isSaid).findLast(({ data }) => data.commentId === commentId);
  if (!found) throw new AppError('COMMENT_NOT_FOUND');
  return found;
}

/** Id of the event that the message first came by. */
const firstEventOf = (said: Said): string => (said.type === 'TicketCommentMovedIn' ? said.data.eventId : said.id);

/** What was said, by whom and when, whichever ticket it was on. */
function contentOf({ data, metadata, type }: Said) {
  if (type === 'TicketCreated') {
    const { channel, message, requesterId: authorId } = data;
    return { visibility: 'public', authorId, authorRole: 'customer', channel, saidAt: metadata.at, message } as const;
  }
  const { authorId, authorRole, channel, message, visibility } = data;
  const saidAt = type === 'TicketCommentMovedIn' ? data.saidAt : metadata.at;
  return { visibility, authorId, authorRole, channel, saidAt, message };
}

/**
 * Moving messages: first the source lets go, which only one of two movers can do; then the other ticket takes in, which
 * it does not refuse any more. What a crash leaves between the two is brought to its end by services/relations.
 */
export function createMoves(deps: RelationDeps) {
  const { numbers, tickets } = deps;

  /** Brings a message that its source has let go to where it goes. */
  const arrive = async (sourceId: string, moved: MovedOut, context: CommandContext): Promise<void> => {
    const source = await ownTicket(deps, sourceId);
    const held = source.events.find(({ version }) => version === moved.version);
    if (!held || !isSaid(held)) throw new AppError('COMMENT_NOT_FOUND');
    const { commentId, eventId, moveId, opens, to } = moved;
    const place = { moveId, commentId, eventId };
    const { saidAt, ...original } = contentOf(held);
    const message = messageNow(original.message, held.version, source.events);
    const content = { ...original, message };
    if (opens === null) {
      const data = { ...place, from: refOf(source), saidAt, ...content };
      await tickets.change(to.ticketId, { type: 'MoveCommentIn', data }, stepOf(context, 'arrive'));
      return;
    }
    const splitFrom = { ...place, ...refOf(source), saidAt };
    const { channel } = content;
    const first = { number: to.number, channel, followUpOf: null, commentId, message, splitFrom };
    await tickets.open(to.ticketId, { ...opens, ...first }, stepOf(context, 'arrive'));
  };

  const letGo = async (
    self: FoundTicket,
    commentId: string,
    how: Pick<MovedOut, 'to' | 'opens'>,
    context: CommandContext,
  ): Promise<Outcome> => {
    const said = messageOn(self, commentId);
    const moveId = idFrom('move', context.commandId);
    const data = { moveId, commentId, eventId: firstEventOf(said), version: said.version, ...how };
    const outcome = await tickets.change(self.id, { type: 'MoveCommentOut', data }, context);
    // As it is on record: a retry may bring other words than the first time.
    const { events } = await ownTicket(deps, self.id);
    const moved = events.find(({ data: known, type }) => type === 'TicketCommentMovedOut' && known.moveId === moveId);
    if (moved?.type === 'TicketCommentMovedOut') await arrive(self.id, moved.data, context);
    return outcome;
  };

  return {
    arrive,
    letGo,
    /** Moves a message to another ticket. Rejects with COMMENT_NOT_FOUND, COMMENT_NOT_MOVABLE, UNKNOWN_TICKET, or as that ticket refuses. */
    async move(ticketId: string, commentId: string, to: string, context: CommandContext): Promise<Outcome> {
      const self = await ownTicket(deps, ticketId);
      const target = await otherTicket(deps, to, '/to');
      if (!isDoneBy(context, self)) {
        const prepared = tickets.change(to, { type: 'PrepareMoveIn', data: {} }, stepOf(context, 'prepare'));
        await about('/to', prepared);
      }
      return letGo(self, commentId, { to: refOf(target), opens: null }, context);
    },
    /**
     * Makes a message of a customer a ticket of its own, theirs, with company, mailbox and priority of this one.
     * @param subject null: that of this ticket
     */
    async split(
      ticketId: string,
      commentId: string,
      subject: string | null,
      context: CommandContext,
    ): Promise<Outcome & { readonly ticketId: string; readonly number: number }> {
      const self = await ownTicket(deps, ticketId);
      const { data } = messageOn(self, commentId);
      const { authorId, authorRole, visibility } = { authorRole: null, authorId: null, visibility: null, ...data };
      if (authorRole !== 'customer' || visibility !== 'public' || authorId === null)
        throw new AppError('COMMENT_NOT_MOVABLE', {
          detail: 'Only what a customer wrote after the first message opens a ticket.',
        });
      const newId = idFrom('ticket', context.commandId);
      const before = self.events.find(({ metadata }) => metadata.commandId === context.commandId);
      const number = before?.type === 'TicketCommentMovedOut' ? before.data.to.number : await numbers.next();
      const { companyId, mailboxId, priority } = self.state;
      const opens = { subject: subject ?? self.state.subject, requesterId: authorId, companyId, mailboxId, priority };
      const outcome = await letGo(self, commentId, { to: { ticketId: newId, number }, opens }, context);
      return { ...outcome, ticketId: newId, number };
    },
  };
}

export type Moves = ReturnType<typeof createMoves>;
