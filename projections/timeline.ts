import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type StoredOf, type Table } from '#packages/projector/projection.ts';
import type { TimelineRow } from '#packages/read-db/tables.ts';
import { originColumns, originOf, timeOf } from './origin.ts';
import { type AttributeEvent, attributeEventTypes } from './ticket-attributes.ts';

const timelineRows: Table<TimelineRow, 'ticket_id' | 'version'> = {
  key: ['ticket_id', 'version'],
  columns: {
    ticket_id: 'uuid not null',
    event_id: 'uuid not null',
    at: 'timestamptz not null',
    kind: 'text not null',
    visibility: 'text not null',
    actor_kind: 'text not null',
    actor_id: 'text not null',
    source: 'text not null',
    comment_id: 'uuid',
    author_id: 'uuid',
    author_role: 'text',
    channel: 'text',
    automatic: 'boolean not null',
    text: 'text',
    html: 'text',
    attachments: 'jsonb not null',
    detail: 'jsonb not null',
    ...originColumns,
  },
  indexes: [],
};

const handles = [
  'TicketCreated',
  'TicketCommented',
  'TicketAssigned',
  'TicketStatusChanged',
  'TicketPriorityChanged',
  'TicketSlaBreached',
  ...attributeEventTypes,
] as const;
type Shown = StoredOf<(typeof handles)[number]>;

/** One row per thing shown in the course of a ticket, in the order of its stream. */
export const timeline = defineProjection({
  name: 'timeline',
  version: 2,
  tables: { timeline: timelineRows },
  handles,
  fold: (event, rows) => rows.timeline.put({ ...shown(event), ...facts(event) }),
});

function shown(event: Shown) {
  const { metadata, stream } = event;
  return {
    ticket_id: idOf(stream),
    event_id: event.id,
    at: timeOf(event),
    actor_kind: metadata.actor.kind,
    actor_id: metadata.actor.id,
    source: metadata.source,
    ...originOf(event),
  };
}

const noMessage = {
  comment_id: null,
  author_id: null,
  author_role: null,
  channel: null,
  automatic: false,
  text: null,
  html: null,
  attachments: [],
};

function facts(event: Shown): Omit<TimelineRow, keyof ReturnType<typeof shown>> {
  switch (event.type) {
    case 'TicketCreated': {
      const { channel, commentId, message, requesterId } = event.data;
      const author = { comment_id: commentId, author_id: requesterId, author_role: 'customer', channel } as const;
      return { kind: 'created', visibility: 'public', ...author, ...messageOf(message), detail: {} };
    }
    case 'TicketCommented': {
      const { authorId, authorRole, channel, commentId, message, visibility } = event.data;
      const author = { comment_id: commentId, author_id: authorId, author_role: authorRole, channel };
      return { kind: 'comment', visibility, ...author, ...messageOf(message), detail: {} };
    }
    case 'TicketAssigned':
      return { kind: 'assignment', visibility: 'internal', ...noMessage, detail: event.data };
    case 'TicketStatusChanged':
      return { kind: 'status', visibility: 'public', ...noMessage, detail: event.data };
    case 'TicketPriorityChanged':
      return { kind: 'priority', visibility: 'internal', ...noMessage, detail: event.data };
    case 'TicketSlaBreached':
      return { kind: 'sla-breach', visibility: 'internal', ...noMessage, detail: event.data };
    default:
      return { ...attributeEntries[event.type], ...noMessage, detail: { event: event.type, ...event.data } };
  }
}

const internal = { visibility: 'internal' } as const;

/** How changes of attributes show. Of fields, customers see the values that are open to them, not the changes. */
const attributeEntries: Record<AttributeEvent['type'], Pick<TimelineRow, 'kind' | 'visibility'>> = {
  TicketSubjectChanged: { kind: 'subject', visibility: 'public' },
  TicketTypeChanged: { kind: 'type', visibility: 'public' },
  TicketServiceChanged: { kind: 'service', visibility: 'public' },
  TicketRequesterChanged: { kind: 'requester', ...internal },
  TicketCompanyChanged: { kind: 'company', ...internal },
  TicketLanguageChanged: { kind: 'language', ...internal },
  TicketDueDateChanged: { kind: 'due-date', ...internal },
  TicketTagsChanged: { kind: 'tags', ...internal },
  TicketFollowersChanged: { kind: 'followers', ...internal },
  TicketFieldsChanged: { kind: 'fields', ...internal },
  TicketWorkLogged: { kind: 'work', ...internal },
  TicketWorkCorrected: { kind: 'work', ...internal },
  TicketWorkRemoved: { kind: 'work', ...internal },
};

const messageOf = ({ attachments, html, mail, text }: StoredOf<'TicketCreated'>['data']['message']) => ({
  automatic: mail?.automatic ?? false,
  text,
  html,
  attachments,
});
