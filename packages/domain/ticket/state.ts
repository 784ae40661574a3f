import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Priority, SlaClock, Status } from '#contracts/primitives.ts';
import type { Recorded } from '#packages/domain/decider.ts';
import type { Matchable } from '#packages/domain/matching.ts';
import { type ClockState, evolveClock, type SlaEvent } from '#packages/domain/sla/clock.ts';
import { type ArticlesState, evolveArticles } from './articles-state.ts';
import { leavesWaiting } from './assignment-state.ts';
import { type AttributesState, evolveAttributes, firstAttributes, initialAttributes } from './attributes-state.ts';
import { type ConversationState, evolveConversation } from './conversation-state.ts';
import { evolveLifecycle, initialLifecycle, type LifecycleState } from './lifecycle-state.ts';
import {
  evolveMoves,
  evolveRelations,
  evolveSetAside,
  initialRelations,
  type RelationsState,
  type SetAside,
} from './relations-state.ts';
import { evolveSatisfaction, type SatisfactionState } from './satisfaction-state.ts';
import { isDone } from './status.ts';

type Facets = {
  /** Events so far, which is the version of the stream. */
  readonly length: number;
  readonly subject: string;
  readonly companyId: string | null;
  readonly mailboxId: string | null;
  readonly priority: Priority;
  readonly status: Status;
  readonly groupId: string | null;
  readonly agentId: string | null;
  /** Also of a ticket that was taken from everybody again. */
  readonly wasAssigned: boolean;
  /** Routing found nobody of the group to give it to, and goes on looking. */
  readonly awaitsAgent: boolean;
  readonly commentIds: readonly string[];
  /** When an agent first wrote to the customer, automatic mail left out. */
  readonly repliedAt: string | null;
  /** Since when the customer, having had a reply before, waits for the next one. */
  readonly awaitingReplySince: string | null;
  /** Each status the ticket has had, with the instant it came about. */
  readonly statusHistory: readonly { readonly status: Status; readonly since: string }[];
  readonly lifecycle: LifecycleState;
  /** The newest clock of each kind. */
  readonly sla: { readonly [C in SlaClock]?: ClockState };
  /** What has been said, as it reads now. */
  readonly conversation: ConversationState;
  readonly satisfaction: SatisfactionState;
  readonly attributes: AttributesState;
  /** Merged or spam: nothing is done on the ticket until that is taken back. */
  readonly setAside: SetAside | null;
  readonly relations: RelationsState;
  readonly articles: ArticlesState;
};

type NoTicket = Facets & { exists: false; number: null; requesterId: null; createdAt: null };
export type Ticket = Facets & { exists: true; number: number; requesterId: string; createdAt: string };
export type TicketState = Readonly<NoTicket | Ticket>;

export const initial = (): TicketState => ({
  exists: false,
  length: 0,
  number: null,
  subject: '',
  requesterId: null,
  companyId: null,
  mailboxId: null,
  priority: 'normal',
  status: 'new',
  groupId: null,
  agentId: null,
  wasAssigned: false,
  awaitsAgent: false,
  createdAt: null,
  commentIds: [],
  repliedAt: null,
  awaitingReplySince: null,
  statusHistory: [],
  lifecycle: initialLifecycle,
  sla: {},
  conversation: [],
  satisfaction: [],
  attributes: initialAttributes,
  setAside: null,
  relations: initialRelations,
  articles: [],
});

/** Applies one event. Total: events of unknown types only count towards the length. */
export const evolve = (state: TicketState, event: Recorded<TicketEvent>): TicketState => ({
  ...applied(state, event),
  length: state.length + 1,
});

function applied(state: TicketState, event: Recorded<TicketEvent>): TicketState {
  if (event.type === 'TicketCreated') return created(event);
  if (!state.exists) return state;
  return {
    ...changed(state, event),
    conversation: evolveConversation(state.conversation, event),
    satisfaction: evolveSatisfaction(state, event),
    articles: evolveArticles(state.articles, event),
  };
}

function changed(state: Ticket, event: Recorded<TicketEvent>): Ticket {
  return other({ ...state, attributes: evolveAttributes(state.attributes, event) }, event);
}

function other(state: Ticket, event: Recorded<TicketEvent>): Ticket {
  const { at } = event.metadata;
  switch (event.type) {
    case 'TicketAssigned': {
      const { groupId, agentId } = event.data;
      return { ...state, groupId, agentId, wasAssigned: true, awaitsAgent: leavesWaiting(event.data) };
    }
    case 'TicketCommented':
      return commented(state, event);
    case 'TicketStatusChanged': {
      const { to } = event.data;
      const statusHistory = [...state.statusHistory, { status: to, since: at }];
      return { ...state, status: to, statusHistory, lifecycle: evolveLifecycle(state.lifecycle, event) };
    }
    case 'TicketPostponed':
    case 'TicketReminded':
      return { ...state, lifecycle: evolveLifecycle(state.lifecycle, event) };
    case 'TicketPriorityChanged':
      return { ...state, priority: event.data.to };
    case 'TicketSubjectChanged':
      return { ...state, subject: event.data.to };
    case 'TicketRequesterChanged':
      return { ...state, requesterId: event.data.to };
    case 'TicketCompanyChanged':
      return { ...state, companyId: event.data.to };
    case 'TicketSlaStarted':
    case 'TicketSlaRetargeted':
    case 'TicketSlaPaused':
    case 'TicketSlaResumed':
    case 'TicketSlaBreached':
    case 'TicketSlaStopped':
      return withClock(state, event);
    default:
      return related(state, event);
  }
}

const related = (state: Ticket, event: Recorded<TicketEvent>): Ticket => ({
  ...state,
  setAside: evolveSetAside(state.setAside, event),
  relations: evolveRelations(state.relations, event),
  commentIds: evolveMoves(state.commentIds, event),
});

function created(event: Recorded<Extract<TicketEvent, { type: 'TicketCreated' }>>): Ticket {
  const { data, metadata } = event;
  const { number, subject, requesterId, companyId, mailboxId, priority, commentId } = data;
  return {
    ...initial(),
    exists: true,
    number,
    subject,
    requesterId,
    companyId,
    mailboxId,
    priority,
    createdAt: metadata.at,
    commentIds: [commentId],
    conversation: evolveConversation([], event),
    statusHistory: [{ status: 'new', since: metadata.at }],
    attributes: firstAttributes(data.attributes),
  };
}

function commented(state: Ticket, event: Recorded<Extract<TicketEvent, { type: 'TicketCommented' }>>): Ticket {
  const { data, metadata } = event;
  const next = { ...state, commentIds: [...state.commentIds, data.commentId] };
  if (!isConversation(data)) return next;
  if (data.authorRole === 'agent')
    return { ...next, repliedAt: state.repliedAt ?? metadata.at, awaitingReplySince: null };
  return state.repliedAt === null ? next : { ...next, awaitingReplySince: state.awaitingReplySince ?? metadata.at };
}

/** True for what people say to each other in public: internal notes and automatic mail move nothing. */
export const isConversation = (comment: {
  readonly visibility: 'public' | 'internal';
  readonly message: { readonly mail: { readonly automatic: boolean } | null };
}): boolean => comment.visibility === 'public' && !comment.message.mail?.automatic;

function withClock(state: Ticket, event: Recorded<SlaEvent>): Ticket {
  const { clock } = event.data;
  const next = evolveClock(state.sla[clock], event, { matchable: matchableOf(state), done: isDone(state.status) });
  return next ? { ...state, sla: { ...state.sla, [clock]: next } } : state;
}

/** What settings choose by: the SLA policy of a ticket follows from this. */
export const matchableOf = ({ attributes, companyId, mailboxId, priority }: Ticket): Matchable => ({
  priority,
  companyId,
  mailboxId,
  serviceId: attributes.serviceId,
});
