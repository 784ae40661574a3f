import { Type } from 'typebox';
import {
  Channel,
  Instant,
  Level,
  Nullable,
  OneOf,
  Priority,
  SlaClock,
  Slug,
  Status,
  Strict,
  Uuid,
} from '../primitives.ts';
import { Skills } from './agent.ts';
import type { EventOf } from './envelope.ts';
import { Message } from './message.ts';
import { ticketActionEvents } from './ticket-actions.ts';
import { ticketArticleEvents } from './ticket-articles.ts';
import { attributeEvents, FirstAttributes } from './ticket-attributes.ts';
import { conversationEvents, Mentions } from './ticket-conversation.ts';
import { lifecycleEvents, statusDetails } from './ticket-lifecycle.ts';
import { SplitFrom, TicketRef, ticketRelationEvents } from './ticket-relations.ts';
import { satisfactionEvents } from './ticket-satisfaction.ts';

const slaTerms = {
  clock: SlaClock,
  policyId: Slug,
  policyVersion: Type.Integer({ minimum: 1 }),
  calendarId: Slug,
  calendarVersion: Type.Integer({ minimum: 1 }),
  targetMinutes: Type.Integer({ minimum: 1, description: 'business minutes of that calendar' }),
  dueAt: Instant,
};

/** Why routing passes over a member of a group. */
export const exclusions = ['lacks skill', 'absent', 'outside hours', 'at capacity'] as const;

/** Why somebody was chosen: enough to replay the decision without today's settings or load. */
export const AssignmentReason = Type.Union([
  Strict({ kind: Type.Literal('manual') }),
  Strict({ kind: Type.Literal('undone') }, { description: 'as it was before a command that was taken back' }),
  Strict({
    kind: Type.Literal('escalation'),
    fromGroupId: { ...Uuid, description: 'which handed it over to the group above' },
    explanation: Type.String({ description: 'in the words of whoever did it' }),
  }),
  Strict({
    kind: Type.Literal('routing'),
    ruleId: Nullable(Slug),
    ruleVersion: Nullable(Type.Integer()),
    service: Type.Optional(
      Strict(
        { id: Slug, version: Type.Integer({ minimum: 1 }) },
        { description: 'the service whose group it is, when it was no rule that decided' },
      ),
    ),
    strategy: OneOf(['least-loaded', 'group-only']),
    skills: Type.Optional({ ...Skills, description: 'what the agent had to be able to do; left out: nothing special' }),
    candidates: Type.Array(
      Strict({
        agentId: Uuid,
        openTickets: Type.Integer({ minimum: 0 }),
        excluded: Type.Optional(
          OneOf(exclusions, { description: 'why they were passed over; left out: they were not' }),
        ),
      }),
    ),
    explanation: Type.String(),
  }),
]);

export const ticketEvents = {
  ...attributeEvents,
  TicketCreated: Strict({
    number: Type.Integer({ minimum: 1 }),
    subject: Type.String({ minLength: 1, maxLength: 998 }),
    channel: Channel,
    requesterId: Uuid,
    companyId: Nullable(Uuid),
    mailboxId: Nullable(Slug),
    priority: Priority,
    followUpOf: Nullable(Uuid),
    commentId: Uuid,
    message: Message,
    attributes: Type.Optional(FirstAttributes),
    splitFrom: Type.Optional({ ...SplitFrom, description: 'absent: the message was never on another ticket' }),
  }),
  TicketAssigned: Strict({ groupId: Nullable(Uuid), agentId: Nullable(Uuid), reason: AssignmentReason }),
  TicketCommented: Strict({
    commentId: Uuid,
    visibility: OneOf(['public', 'internal']),
    authorId: Uuid,
    authorRole: OneOf(['customer', 'agent']),
    channel: Channel,
    message: Message,
    mentions: Type.Optional({ ...Mentions, description: 'absent: nobody is mentioned' }),
    mergedTicket: Type.Optional({
      ...TicketRef,
      description: 'the ticket, merged into this one, whose requester wrote it; absent: it is of this ticket itself',
    }),
  }),
  TicketStatusChanged: Strict({
    from: Status,
    to: Status,
    reason: OneOf([
      'manual',
      'agent-replied',
      'customer-replied',
      'resumed',
      'auto-closed',
      'customer-silent',
      'undone',
    ]),
    ...statusDetails,
  }),
  ...lifecycleEvents,
  TicketPriorityChanged: Strict({
    from: Priority,
    to: Priority,
    assessment: Type.Optional(
      Strict(
        { impact: Level, urgency: Level, matrixVersion: Type.Integer({ minimum: 1 }) },
        {
          description: 'what the priority follows from; left out: somebody chose it, and nothing is assessed any more',
        },
      ),
    ),
  }),
  TicketSlaStarted: Strict({ ...slaTerms, startedAt: Instant }),
  TicketSlaRetargeted: Strict({ ...slaTerms, elapsedMs: Type.Integer({ minimum: 0 }) }),
  TicketSlaPaused: Strict({
    clock: SlaClock,
    elapsedMs: Type.Integer({ minimum: 0, description: 'business ms so far' }),
  }),
  TicketSlaResumed: Strict({ clock: SlaClock, dueAt: Instant }),
  TicketSlaBreached: Strict({ clock: SlaClock, dueAt: Instant, policyId: Slug, policyVersion: Type.Integer() }),
  TicketSlaStopped: Strict({
    clock: SlaClock,
    outcome: OneOf(['met', 'late', 'cancelled']),
    elapsedMs: Type.Integer({ minimum: 0, description: 'business ms from start to stop, pauses left out' }),
  }),
  ...conversationEvents,
  ...satisfactionEvents,
  ...ticketArticleEvents,
  ...ticketRelationEvents,
  ...ticketActionEvents,
} as const;

export type TicketEvent = EventOf<typeof ticketEvents>;
