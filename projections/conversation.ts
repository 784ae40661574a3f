import { idOf } from '#contracts/events/streams.ts';
import { defineProjection, type Table } from '#packages/projector/projection.ts';
import type { CommentMentionRow, CommentRedactionRow } from '#packages/read-db/tables-conversation.ts';

const mentionRows: Table<CommentMentionRow, 'comment_id'> = {
  key: ['comment_id'],
  columns: {
    comment_id: 'uuid not null',
    ticket_id: 'uuid not null',
    people: 'uuid[] not null',
    groups: 'uuid[] not null',
  },
  indexes: ['using gin (people)', 'using gin (groups)', '(ticket_id)'],
};

const redactionRows: Table<CommentRedactionRow, 'position'> = {
  key: ['position'],
  columns: {
    position: 'bigint not null',
    comment_id: 'uuid not null',
    ticket_id: 'uuid not null',
    event_id: 'uuid not null',
    held_by: 'integer not null',
    parts: 'jsonb not null',
  },
  indexes: ['(comment_id)', '(event_id)'],
};

/** Whom messages mention, which grants reading, and what was taken out of messages, which nobody is to read any more. */
export const conversation = defineProjection({
  name: 'conversation',
  version: 1,
  tables: { comment_mentions: mentionRows, comment_redactions: redactionRows },
  handles: ['TicketCommented', 'TicketCommentMovedOut', 'TicketCommentRedacted'],
  fold: (event, rows) => {
    const { commentId: comment_id } = event.data;
    const ticket_id = idOf(event.stream);
    switch (event.type) {
      case 'TicketCommented': {
        const { mentions = [] } = event.data;
        if (mentions.length === 0) return;
        const idsOf = (kind: string) => mentions.filter((each) => each.kind === kind).map(({ id }) => id);
        rows.comment_mentions.put({ comment_id, ticket_id, people: idsOf('person'), groups: idsOf('group') });
        return;
      }
      case 'TicketCommentMovedOut':
        rows.comment_mentions.delete({ comment_id });
        return;
      case 'TicketCommentRedacted': {
        const { eventId: event_id, heldBy: held_by, parts } = event.data;
        rows.comment_redactions.put({ position: event.position, comment_id, ticket_id, event_id, held_by, parts });
        if (parts.some(({ kind }) => kind === 'whole')) rows.comment_mentions.delete({ comment_id });
        return;
      }
      default:
        event satisfies never;
    }
  },
});
