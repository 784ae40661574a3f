import { agentEvents } from './events/agent.ts';
import type { EventType } from './events/all.ts';
import { articleEvents } from './events/article.ts';
import { bulkEvents } from './events/bulk.ts';
import { companyEvents, groupEvents, personEvents } from './events/directory.ts';
import { inboundMailEvents, outboundMailEvents } from './events/mail.ts';
import { settingEvents } from './events/settings.ts';
import { ticketEvents } from './events/ticket.ts';

/** What the desk's messages look like on a broker. Everything here is seen by others: change it as an interface. */

const areas: readonly { readonly area: string; readonly prefix: string; readonly types: object }[] = [
  { area: 'ticket', prefix: 'Ticket', types: ticketEvents },
  { area: 'person', prefix: 'Person', types: personEvents },
  { area: 'agent', prefix: 'Agent', types: agentEvents },
  { area: 'company', prefix: 'Company', types: companyEvents },
  { area: 'group', prefix: 'Group', types: groupEvents },
  { area: 'setting', prefix: 'Setting', types: settingEvents },
  { area: 'inbound-mail', prefix: 'InboundMail', types: inboundMailEvents },
  { area: 'outbound-mail', prefix: 'OutboundMail', types: outboundMailEvents },
  { area: 'bulk', prefix: 'Bulk', types: bulkEvents },
  { area: 'article', prefix: 'Article', types: articleEvents },
];

const kebab = (name: string): string => name.replace(/(?<=.)([A-Z])/g, '-$1').toLowerCase();

const subjects = new Map<EventType, string>();

/** `desk.<area>.<event>`: `desk.ticket.sla-breached` of `TicketSlaBreached`. Throws on a type that no area has. */
export function subjectOf(type: EventType): string {
  const known = subjects.get(type);
  if (known !== undefined) return known;
  const subject = subjectMadeOf(type);
  subjects.set(type, subject);
  return subject;
}

function subjectMadeOf(type: EventType): string {
  const owner = areas.find(({ types }) => Object.hasOwn(types, type));
  if (!owner) throw new Error(`event type ${type} belongs to no area of the bus`);
  const event = type.startsWith(owner.prefix) ? type.slice(owner.prefix.length) : type;
  return `desk.${owner.area}.${kebab(event)}`;
}

const dayMs = 86_400_000;

/** Settings of a stream that the desk depends on; the others (replicas, limits on size) are the operator's. */
export type StreamSpec = {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly maxAgeMs: number;
  /** 0: as many as there are. */
  readonly maxMessagesPerSubject: number;
  readonly duplicateWindowMs: number;
};

/**
 * All events in the order of the log. They are kept, so that a new consumer begins at the start as the port says; a full
 * stream refuses new messages instead of dropping old ones, and the relay then waits.
 */
export const eventStream: StreamSpec = {
  name: 'DESK_EVENTS',
  subjects: ['desk.*.*'],
  maxAgeMs: 0,
  maxMessagesPerSubject: 0,
  duplicateWindowMs: 120_000,
};

/** Dead letters, one subject each so that a new failure replaces the one before, and the wishes to have them replayed. */
export const deadLetterStream: StreamSpec = {
  name: 'DESK_DEAD_LETTERS',
  subjects: ['desk-dead.*.*', 'desk-replay.*.*'],
  maxAgeMs: 365 * dayMs,
  maxMessagesPerSubject: 1,
  duplicateWindowMs: 120_000,
};

export const deadLetterSubject = (consumer: string, eventId: string): string => `desk-dead.${consumer}.${eventId}`;
export const replaySubject = (consumer: string, eventId: string): string => `desk-replay.${consumer}.${eventId}`;

/**
 * Every durable pull consumer, named as in the code. It takes the whole stream and leaves out by itself what it does not
 * want, so that a version with more event types needs no other consumer.
 */
export const consumerSpec = {
  filterSubject: 'desk.*.*',
  /** A handler that takes longer says so meanwhile; after a crash its events come again this much later. */
  ackWaitMs: 10_000,
  /** Bounds what one process holds; above it the server waits. */
  maxAckPending: 200,
  /**
   * Without end, because the broker's count would drop events in silence: it counts a failure of a dependency and a restart
   * like a fault of the event, and with one killed process everything that this held. The desk counts by itself: tries of
   * a handler, and processes that an event has ended.
   */
  maxDeliver: -1,
} as const;

/** CloudEvents 1.0, binary mode (NATS protocol binding), and what the desk adds. */
export const headerNames = {
  specVersion: 'ce-specversion',
  id: 'ce-id',
  type: 'ce-type',
  source: 'ce-source',
  time: 'ce-time',
  subject: 'ce-subject',
  /** Extension attributes: of the request or mail that everything began with, and of the event that this one answers. */
  correlationId: 'ce-correlationid',
  causationId: 'ce-causationid',
  contentType: 'content-type',
  /** Place in the log, decimal. */
  position: 'Desk-Position',
  /** Place in the stream of the log, which `ce-subject` names. */
  version: 'Desk-Version',
  /** By which the broker knows a repetition. */
  messageId: 'Nats-Msg-Id',
  /** By which the broker refuses what does not follow the message that the relay sent before. */
  expectedStream: 'Nats-Expected-Stream',
  expectedSequence: 'Nats-Expected-Last-Sequence',
  /** Of dead letters. */
  error: 'Desk-Error',
  attempts: 'Desk-Attempts',
} as const;

export const cloudEvents = { specVersion: '1.0', source: '/deskledger', contentType: 'application/json' } as const;
