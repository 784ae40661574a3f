import { type Static, Type } from 'typebox';
import { AddCommentBody, CreateTicketBody } from '../commands/ticket.ts';
import { attributesOnCreation } from '../commands/ticket-attributes.ts';
import {
  Address,
  Channel,
  Instant,
  Nullable,
  OneOf,
  PositionText,
  Priority,
  SlaClock,
  Slug,
  Status,
  Strict,
  Uuid,
} from '../primitives.ts';
import { AttachmentView, UploadReference } from './attachments.ts';
import { ActorRef, CompanyRef, GroupRef, IdOr, outcome, PersonRef, pageOf, paging } from './common.ts';
import { attributeDetails, attributeFilters, attributeKinds, attributeSummary } from './ticket-attributes.ts';
import { commentExtras, conversationFilters, messageMarks } from './ticket-conversation.ts';
import { SetAsideName, TicketRelations } from './ticket-relations.ts';

const attachments = Type.Optional(Type.Array(UploadReference, { maxItems: 100 }));
const Requester = Strict(
  {
    id: Type.Optional(Uuid),
    email: Type.Optional(Address),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'of somebody new' })),
  },
  {
    description:
      'who asks: somebody known by `id`, or whoever has the address `email`, registered when new. Left out: you.',
  },
);

export const CreateTicket = Strict(
  { ...CreateTicketBody.properties, ...attributesOnCreation, requester: Type.Optional(Requester), attachments },
  { title: 'CreateTicket' },
);
export type CreateTicket = Static<typeof CreateTicket>;

export const AddComment = Strict(
  { ...AddCommentBody.properties, ...commentExtras, attachments },
  { title: 'AddComment' },
);
export type AddComment = Static<typeof AddComment>;

export const TicketCreatedAnswer = Type.Object(
  { id: Uuid, number: Type.Integer(), ...outcome },
  { title: 'TicketCreatedAnswer' },
);
export const CommentAddedAnswer = Type.Object(
  { commentId: Uuid, ticketId: { ...Uuid, description: 'of the ticket that has it now' }, ...outcome },
  { title: 'CommentAddedAnswer' },
);

/** A ticket by its id or by the number that people know. */
export const TicketParams = Strict({
  ticket: Type.String({
    pattern: '^([1-9][0-9]{0,8}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$',
    description: 'id (UUID) or number of the ticket',
  }),
});

const at = (description: string) => Nullable({ ...Instant, description });
const lifecycle = {
  customStatus: Nullable(
    Type.Object(
      { id: Type.String(), name: Type.String() },
      { title: 'CustomStatus', description: 'what the desk calls it; for customers by its public name, if it has one' },
    ),
  ),
  resumeAt: at('when it opens by itself; not told to customers'),
  closesAt: at('when a resolved ticket is closed by itself'),
  reopenUntil: at('a reply of the customer reopens it before; null: it is not done, or there is no such limit'),
  customerSilent: Nullable(
    Type.Object(
      {
        since: Instant,
        reminders: Type.Integer({ minimum: 0 }),
        resolvesAt: at('when it is resolved for want of an answer'),
      },
      { title: 'CustomerSilent', description: 'the ticket waits for its customer: nobody can go on with it' },
    ),
  ),
};

const summary = {
  id: Uuid,
  number: Type.Integer(),
  subject: Type.String(),
  status: Status,
  priority: Priority,
  channel: Channel,
  requester: PersonRef,
  company: Nullable(CompanyRef),
  group: Nullable(GroupRef),
  agent: Nullable(PersonRef),
  createdAt: Instant,
  updatedAt: Instant,
  waitingSince: Nullable({ ...Instant, description: 'the customer waits for an answer since then' }),
  resolvedAt: Nullable(Instant),
  ...lifecycle,
  due: Nullable(Type.Object({ at: Instant, clock: SlaClock }, { title: 'Due', description: 'the next SLA deadline' })),
  breached: Type.Array(SlaClock, { description: 'SLA clocks that ran out' }),
  commentCount: Type.Integer({ description: 'after the first message; for customers of those that are public' }),
  ...attributeSummary,
  setAside: Nullable({
    ...SetAsideName,
    description:
      'merged into another ticket, or spam: left out of lists, queues and figures. Customers are not told of spam.',
  }),
  version: Type.Integer({
    description: 'version of the ticket; its ETag is this in quotes. For customers of the last thing they may see.',
  }),
};
export const TicketSummary = Type.Object(summary, { title: 'TicketSummary' });
export type TicketSummary = Static<typeof TicketSummary>;
export const TicketPage = pageOf('TicketPage', TicketSummary);

export const timelineKinds = [
  'created',
  'comment',
  'assignment',
  'status',
  'priority',
  'sla-breach',
  'rating',
  'article',
  'merged',
  'unmerged',
  'absorbed',
  'released',
  'spam',
  'restored',
  'linked',
  'unlinked',
  'parent',
  'child-added',
  'child-removed',
  'comment-moved',
  'macro',
  'undone',
  'comment-edited',
  'comment-redacted',
  ...attributeKinds,
  'postponed',
  'reminder',
] as const;
export type TimelineKind = (typeof timelineKinds)[number];

export const TimelineEntry = Type.Object(
  {
    id: Uuid,
    version: Type.Integer(),
    at: Instant,
    kind: OneOf(timelineKinds),
    visibility: OneOf(['public', 'internal']),
    actor: ActorRef,
    source: Type.String({ description: 'the way in: api, smtp, routing, …' }),
    commentId: Nullable(Uuid),
    author: Nullable(
      Type.Object({ id: Uuid, name: Type.String(), role: OneOf(['customer', 'agent']) }, { title: 'Author' }),
    ),
    channel: Nullable(Channel),
    automatic: Type.Boolean({ description: 'an auto-reply or the like' }),
    text: Nullable(Type.String()),
    html: Nullable(Type.String({ description: 'sanitised' })),
    attachments: Type.Array(AttachmentView),
    ...messageMarks,
    origin: Nullable(
      Type.Object(
        { id: Uuid, number: Type.Integer(), saidAt: Nullable({ ...Instant, description: 'null: at that time' }) },
        {
          title: 'Origin',
          description: 'the ticket that the message is from: merged into this one, or moved from there',
        },
      ),
    ),
    detail: Type.Record(Type.String(), Type.Unknown(), { description: 'what changed, by kind' }),
  },
  { title: 'TimelineEntry' },
);
export type TimelineEntry = Static<typeof TimelineEntry>;
export const TimelinePage = pageOf('TimelinePage', TimelineEntry);

export const Ticket = Type.Object(
  {
    ...summary,
    mailboxId: Nullable(Type.String()),
    followUpOf: Nullable(Uuid),
    ...attributeDetails,
    relations: TicketRelations,
    asOf: Nullable(
      Type.Object(
        { at: Instant, position: PositionText },
        { title: 'AsOf', description: 'the newest event of the ticket that this state includes' },
      ),
    ),
    timeline: TimelinePage,
  },
  { title: 'Ticket' },
);
export type Ticket = Static<typeof Ticket>;

export const TicketQuery = Strict({
  status: Type.Optional(
    Type.Array(Slug, {
      maxItems: 20,
      description:
        'categories and ids of custom statuses; repeat it for more than one. A category holds all of its own',
    }),
  ),
  open: Type.Optional(Type.Boolean({ description: 'true: neither resolved nor closed' })),
  group: Type.Optional({ ...IdOr('none'), description: 'id, or none; agents only' }),
  agent: Type.Optional(IdOr('me', 'none')),
  requester: Type.Optional(Uuid),
  company: Type.Optional(Uuid),
  priority: Type.Optional(Type.Array(Priority, { maxItems: 4 })),
  channel: Type.Optional(Channel),
  setAside: Type.Optional({
    ...SetAsideName,
    description: 'only tickets set aside in that way; left out: none that are. Customers get all of theirs.',
  }),
  breached: Type.Optional(
    Type.Boolean({ description: 'agents only: whether an SLA clock that has not been stopped ran out' }),
  ),
  q: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'part of the subject, or the number of the ticket' }),
  ),
  ...conversationFilters,
  ...attributeFilters,
  sort: Type.Optional(
    OneOf(['updated', 'created', 'due', 'priority', 'silence'], {
      default: 'updated',
      description:
        'updated, created: newest first. due (agents only): soonest first, priority: urgent and then oldest first; these two list open ' +
        'tickets only. silence: tickets that wait for their customer, the longest silent first.',
    }),
  ),
  ...paging,
});
export type TicketQuery = Static<typeof TicketQuery>;

export const SilentQuery = Strict({
  group: TicketQuery.properties.group,
  agent: TicketQuery.properties.agent,
  ...paging,
});

export const AbsentQuery = Strict({
  group: TicketQuery.properties.group,
  deputy: Type.Optional(OneOf(['me'], { description: 'me: only of those who named you as their deputy' })),
  ...paging,
});

const asOf = Type.Optional(
  Type.String({
    maxLength: 40,
    description: 'the ticket as it was: an instant (RFC 3339) or a log position; folded from the log',
  }),
);
export const TicketReadQuery = Strict({ asOf });
export const TimelineQuery = Strict({ asOf, ...paging });
