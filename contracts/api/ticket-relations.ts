import { type Static, Type } from 'typebox';
import { linkKinds } from '../events/ticket-relations.ts';
import { Nullable, OneOf, Status, Strict, Uuid } from '../primitives.ts';

/** Kinds of links as they read from either side; what the one `blocks` is `blocked-by` it. */
export const linkNames = [...linkKinds, 'duplicated-by', 'blocked-by', 'causes'] as const;
export const LinkName = OneOf(linkNames, { title: 'LinkName' });
export type LinkName = Static<typeof LinkName>;

export const RelatedTicket = Type.Object(
  {
    id: Uuid,
    number: Type.Integer(),
    subject: Nullable({ ...Type.String(), description: 'null for customers, as is the status' }),
    status: Nullable(Status),
  },
  { title: 'RelatedTicket' },
);
export type RelatedTicket = Static<typeof RelatedTicket>;

export const TicketRelations = Type.Object(
  {
    mergedInto: Nullable({ ...RelatedTicket, description: 'the ticket that this one was merged into' }),
    survivor: Nullable({ ...RelatedTicket, description: 'where that leads, when it was merged again' }),
    absorbed: Type.Array(Type.Object({ ticket: RelatedTicket, into: Uuid }, { title: 'AbsorbedTicket' }), {
      description: 'tickets merged into this one, directly or by way of another',
    }),
    links: Type.Array(Type.Object({ kind: LinkName, ticket: RelatedTicket }, { title: 'TicketLink' })),
    parent: Nullable(RelatedTicket),
    children: Type.Object(
      {
        open: Type.Integer({ description: 'neither resolved nor closed' }),
        done: Type.Integer(),
        items: Type.Array(RelatedTicket),
      },
      { title: 'Children', description: 'those that are not set aside' },
    ),
    followUpOf: Nullable({
      ...RelatedTicket,
      description: 'the ticket, done too long ago by then, that this one goes on from',
    }),
    followUps: Type.Array(RelatedTicket, {
      maxItems: 100,
      description: 'tickets that go on from this one and are not set aside',
    }),
  },
  {
    title: 'TicketRelations',
    description: 'Customers are told where their ticket went, by its number, and of no other relation.',
  },
);
export type TicketRelations = Static<typeof TicketRelations>;

export const SetAsideName = OneOf(['merged', 'spam']);

const Other = Type.String({
  pattern: '^([1-9][0-9]{0,8}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$',
  description: 'id (UUID) or number of the other ticket',
});

/** Bodies of the commands about relations. */
export const MergeBody = Strict({ into: { ...Other, description: 'id or number of the ticket that goes on' } });
export const ParentBody = Strict({ parent: Nullable(Other) });
export const SpamBody = Strict({ reason: Type.Optional(Type.String({ maxLength: 500, description: 'in words' })) });
export const MoveBody = Strict({ to: Other });
export const SplitBody = Strict({
  subject: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 998,
      pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f\\u2028\\u2029]+$',
      description: 'of the new ticket; left out: that of this one',
    }),
  ),
});

const TicketName = { ticket: Other };
export const LinkParams = Strict({ ...TicketName, kind: LinkName, other: Other });
export const CommentParams = Strict({ ...TicketName, comment: Uuid });
