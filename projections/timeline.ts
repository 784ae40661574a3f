import { idOf } from '#contracts/events/streams.ts';
import { redacted } from '#packages/domain/ticket/redaction.ts';
import { defineProjection, type StoredOf, type Table } from '#packages/projector/projection.ts';
import type { TimelineRow } from '#packages/read-db/tables.ts';
import { attributeEntry, isAttributeEvent } from './attribute-entries.ts';
import { originColumns, originOf, timeOf } from './origin.ts';
import { attributeEventTypes } from './ticket-attributes.ts';

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
    moved_from: 'jsonb',
    merged_ticket: 'jsonb',
    mentions: 'jsonb not null',
    edited: 'jsonb',
    redacted: 'jsonb',
    detail: 'jsonb not null',
    ...originColumns,
  },
  indexes: ['(ticket_id, position)'],
};

const handles = [
  'TicketCreated',
  'TicketCommented',
  'TicketAssigned',
  'TicketStatusChanged',
  'TicketPostponed',
  'TicketReminded',
  'TicketPriorityChanged',
  'TicketSlaBreached',
  ...attributeEventTypes,
  'TicketRated',
  'TicketArticleAttached',
  'TicketMerged',
  'TicketUnmerged',
  'TicketAbsorbed',
  'TicketReleased',
  'TicketMarkedSpam',
  'TicketRestored',
  'TicketLinked',
  'TicketUnlinked',
  'TicketParentChanged',
  'TicketChildAdded',
  'TicketChildRemoved',
  'TicketCommentMovedOut',
  'TicketCommentMovedIn',
  'TicketMacroApplied',
  'TicketCommandUndone',
  'TicketCommentEdited',
  'TicketCommentRedacted',
] as const;
type Shown = StoredOf<(typeof handles)[number]>;

/** One row per thing shown in the course of a ticket, in the order of its stream. */
export const timeline = defineProjection({
  name: 'timeline',
  version: 8,
  tables: { timeline: timelineRows },
  handles,
  fold: (event, rows) => {
    rows.timeline.put({ ...shown(event), ...facts(event) });
    if (!isRetouch(event)) return;
    const row = rows.timeline.get({ ticket_id: idOf(event.stream), version: event.data.version });
    if (row) rows.timeline.put({ ...row, ...retouched(row, event) });
  },
});

const retouchTypes = ['TicketCommentMovedOut', 'TicketCommentEdited', 'TicketCommentRedacted'] as const;
type Retouch = StoredOf<(typeof retouchTypes)[number]>;
const isRetouch = (event: Shown): event is Retouch => retouchTypes.some((type) => type === event.type);

/** What becomes of the row of a message by what is done to the message later. */
function retouched(row: TimelineRow, event: Retouch): Partial<TimelineRow> {
  const { at } = event.metadata;
  switch (event.type) {
    // Of the message itself nothing stays here but that it went.
    case 'TicketCommentMovedOut':
      return { ...noMessage, kind: 'comment-moved', visibility: 'internal', detail: { to: event.data.to } };
    case 'TicketCommentEdited':
      return { ...messageOf(event.data.message), edited: { at, by: event.data.by } };
    case 'TicketCommentRedacted': {
      const { by, parts } = event.data;
      const { attachments, html, text } = redacted({ ...row, text: row.text ?? '' }, parts);
      const whole = parts.some(({ kind }) => kind === 'whole');
      const mentions = whole ? [] : row.mentions;
      return { attachments, html, text, mentions, redacted: { at, by, whole } };
    }
    default:
      return event satisfies never;
  }
}

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
  moved_from: null,
  merged_ticket: null,
  mentions: [],
  edited: null,
  redacted: null,
};

function facts(event: Shown): Omit<TimelineRow, keyof ReturnType<typeof shown>> {
  switch (event.type) {
    case 'TicketCreated': {
      const { channel, commentId, message, requesterId } = event.data;
      const author = { comment_id: commentId, author_id: requesterId, author_role: 'customer', channel } as const;
      const moved_from = event.data.splitFrom ? placeOf(event.data.splitFrom, event.data.splitFrom.saidAt) : null;
      return {
        ...noMessage,
        kind: 'created',
        visibility: 'public',
        ...author,
        ...messageOf(message),
        moved_from,
        detail: {},
      };
    }
    case 'TicketCommented': {
      const { authorId, authorRole, channel, commentId, mentions = [], message, visibility } = event.data;
      const author = { comment_id: commentId, author_id: authorId, author_role: authorRole, channel };
      const said = { ...noMessage, visibility, ...author, ...messageOf(message), mentions };
      return { kind: 'comment', ...said, merged_ticket: event.data.mergedTicket ?? null, detail: {} };
    }
    case 'TicketCommentMovedIn': {
      const { authorId, authorRole, channel, commentId, from, message, saidAt, visibility } = event.data;
      const author = { comment_id: commentId, author_id: authorId, author_role: authorRole, channel };
      const moved_from = placeOf(from, saidAt);
      return { ...noMessage, kind: 'comment', visibility, ...author, ...messageOf(message), moved_from, detail: {} };
    }
    case 'TicketCommentEdited':
      return {
        kind: 'comment-edited',
        visibility: 'internal',
        ...noMessage,
        detail: { commentId: event.data.commentId },
      };
    case 'TicketCommentRedacted': {
      const { commentId, parts, reason } = event.data;
      const taken = parts.map(({ kind }) => kind);
      return { kind: 'comment-redacted', visibility: 'internal', ...noMessage, detail: { commentId, taken, reason } };
    }
    case 'TicketAssigned':
      return { kind: 'assignment', visibility: 'internal', ...noMessage, detail: event.data };
    case 'TicketStatusChanged':
      return { kind: 'status', visibility: statusVisibility(event.data), ...noMessage, detail: event.data };
    case 'TicketPostponed':
      return { kind: 'postponed', visibility: 'internal', ...noMessage, detail: event.data };
    case 'TicketReminded':
      return { kind: 'reminder', visibility: 'public', ...noMessage, detail: event.data };
    case 'TicketPriorityChanged':
      return { kind: 'priority', visibility: 'internal', ...noMessage, detail: event.data };
    case 'TicketRated': {
      const { comment, raterId, round, score, via } = event.data;
      const author = { author_id: raterId, author_role: 'customer', text: comment } as const;
      return { kind: 'rating', visibility: 'public', ...noMessage, ...author, detail: { round, score, via } };
    }
    case 'TicketArticleAttached':
      return { kind: 'article', visibility: 'internal', ...noMessage, detail: event.data };
    case 'TicketSlaBreached':
      return { kind: 'sla-breach', visibility: 'internal', ...noMessage, detail: event.data };
    default:
      if (isAttributeEvent(event)) return { ...attributeEntry(event), ...noMessage };
      return { kind: relationKinds[event.type], visibility: 'internal', ...noMessage, detail: event.data };
  }
}

/** Customers are told of a change that means something to them: of the category. */
const statusVisibility = ({ from, to }: StoredOf<'TicketStatusChanged'>['data']) =>
  from === to ? 'internal' : 'public';
const relationKinds = {
  TicketMerged: 'merged',
  TicketUnmerged: 'unmerged',
  TicketAbsorbed: 'absorbed',
  TicketReleased: 'released',
  TicketMarkedSpam: 'spam',
  TicketRestored: 'restored',
  TicketLinked: 'linked',
  TicketUnlinked: 'unlinked',
  TicketParentChanged: 'parent',
  TicketChildAdded: 'child-added',
  TicketChildRemoved: 'child-removed',
  TicketCommentMovedOut: 'comment-moved',
  TicketMacroApplied: 'macro',
  TicketCommandUndone: 'undone',
} as const;

const placeOf = ({ number, ticketId }: { number: number; ticketId: string }, saidAt: string) => ({
  ticketId,
  number,
  saidAt,
});

const messageOf = ({ attachments, html, mail, text }: StoredOf<'TicketCreated'>['data']['message']) => ({
  automatic: mail?.automatic ?? false,
  text,
  html,
  attachments,
});
