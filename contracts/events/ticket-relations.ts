import { type Static, Type } from 'typebox';
import { Channel, Instant, Nullable, OneOf, Priority, Slug, Strict, Uuid } from '../primitives.ts';
import { Message } from './message.ts';

const TicketNumber = Type.Integer({ minimum: 1 });
/** Another ticket, with the number that people know it by. */
export const TicketRef = Strict({ ticketId: Uuid, number: TicketNumber });
export type TicketRef = Static<typeof TicketRef>;

export const linkKinds = ['related', 'duplicate', 'blocks', 'caused-by'] as const;
export const LinkKind = OneOf(linkKinds, { description: 'read from the ticket of the stream to the other one' });
export type LinkKind = Static<typeof LinkKind>;

const InWords = { reason: Nullable(Type.String({ maxLength: 500, description: 'in words' })) };
const MergeId = { mergeId: Uuid };
const ChangeId = { changeId: Uuid };
const Comment = {
  moveId: Uuid,
  commentId: Uuid,
  eventId: { ...Uuid, description: 'of the event that the message first came by, the same through all moves' },
};

/** The message that a ticket was split off with: where it was said first, and when. */
export const SplitFrom = Strict({ ...Comment, ...TicketRef.properties, saidAt: Instant });

/**
 * What binds tickets to each other. What concerns two of them is agreed without a transaction: the one is offered
 * (TicketAbsorbed, TicketChildAdded), then the other settles it once and for all (TicketMerged or TicketMergeDeclined,
 * TicketParentChanged or TicketParentDeclined). Only what was settled counts; an offer that came to nothing is taken back.
 */
export const ticketRelationEvents = {
  /** On the survivor, before the other ticket has settled it. */
  TicketAbsorbed: Strict({ ...MergeId, ...TicketRef.properties, requesterId: Uuid }),
  TicketReleased: Strict({ ...MergeId, ...TicketRef.properties, reason: OneOf(['declined', 'unmerged']) }),
  /** On the ticket that is set aside. */
  TicketMerged: Strict({ ...MergeId, into: Uuid, number: TicketNumber }),
  TicketMergeDeclined: Strict({ ...MergeId, into: Uuid, number: TicketNumber, reason: OneOf(['cycle', 'set-aside']) }),
  TicketUnmerged: Strict({ ...MergeId, into: Uuid, number: TicketNumber }),

  TicketMarkedSpam: Strict(InWords),
  TicketRestored: Strict(InWords),

  /** On one of the two tickets; both show it. */
  TicketLinked: Strict({ linkId: Uuid, kind: LinkKind, ...TicketRef.properties }),
  TicketUnlinked: Strict({ linkId: Uuid, kind: LinkKind, ...TicketRef.properties }),

  /** On the parent, before the child has settled it. */
  TicketChildAdded: Strict({ ...ChangeId, ...TicketRef.properties }),
  TicketChildRemoved: Strict({ ...ChangeId, ...TicketRef.properties, reason: OneOf(['declined', 'left']) }),
  /** On the child. */
  TicketParentChanged: Strict({
    ...ChangeId,
    parent: Nullable(TicketRef),
    previous: Nullable(Strict({ ...ChangeId, ...TicketRef.properties })),
  }),
  TicketParentDeclined: Strict({ ...ChangeId, parent: TicketRef, reason: OneOf(['cycle', 'too-deep', 'set-aside']) }),

  /** At the source, first; what the other ticket needs to take it in is found from here. */
  TicketCommentMovedOut: Strict({
    ...Comment,
    to: TicketRef,
    version: Type.Integer({ minimum: 1, description: 'of the event of this stream that holds the message' }),
    opens: Nullable(
      Strict(
        {
          subject: Type.String({ minLength: 1, maxLength: 998 }),
          requesterId: Uuid,
          companyId: Nullable(Uuid),
          mailboxId: Nullable(Slug),
          priority: Priority,
        },
        { description: 'the ticket that the message is to open; null: it goes to one that exists' },
      ),
    ),
  }),
  TicketCommentMovedIn: Strict({
    ...Comment,
    from: TicketRef,
    visibility: OneOf(['public', 'internal']),
    authorId: Uuid,
    authorRole: OneOf(['customer', 'agent']),
    channel: Channel,
    saidAt: { ...Instant, description: 'when it was said, whichever ticket it was on' },
    message: Message,
  }),
} as const;
