import { idOf } from '#contracts/events/streams.ts';
import { isDone } from '#packages/domain/ticket/status.ts';
import { defineProjection, type StoredOf, type Table } from '#packages/projector/projection.ts';
import type { TicketWordsRow } from '#packages/read-db/tables-knowledge.ts';
import { wordsOf } from '#packages/read-db/words.ts';
import { timeOf } from './origin.ts';
import { isSetAsideEvent, setAsideBy, setAsideTypes } from './set-aside.ts';

/** Characters of the first message that tell what it is about. */
const maxText = 10_000;

const wordRows: Table<TicketWordsRow, 'ticket_id'> = {
  key: ['ticket_id'],
  columns: {
    ticket_id: 'uuid not null',
    number: 'integer not null',
    subject: 'text not null',
    comment_id: 'uuid not null',
    text: 'text not null',
    language: 'text',
    service_id: 'text',
    type_id: 'text',
    solved: 'boolean not null',
    set_aside: 'boolean not null',
    solved_at: 'timestamptz',
  },
  generated: { words: `tsvector generated always as (${wordsOf('language', 'subject', 'text')}) stored` },
  indexes: ['using gin (words) where solved and not set_aside', 'using gin (words) where not solved and not set_aside'],
};

const changeTypes = [
  'TicketStatusChanged',
  'TicketSubjectChanged',
  'TicketLanguageChanged',
  'TicketServiceChanged',
  'TicketTypeChanged',
  'TicketCommentEdited',
  'TicketCommentRedacted',
  ...setAsideTypes,
] as const;

/** What tickets are about, in words that can be searched: to find solved ones that are like another. */
export const ticketWords = defineProjection({
  name: 'ticket-words',
  version: 2,
  tables: { ticket_words: wordRows },
  handles: ['TicketCreated', ...changeTypes],
  fold: (event, rows) => {
    const ticket_id = idOf(event.stream);
    if (event.type !== 'TicketCreated') {
      const row = rows.ticket_words.get({ ticket_id });
      if (row) rows.ticket_words.put({ ...row, ...changes(row, event) });
      return;
    }
    const { attributes, commentId, message, number, subject } = event.data;
    rows.ticket_words.put({
      ticket_id,
      number,
      subject,
      comment_id: commentId,
      text: message.text.slice(0, maxText),
      language: attributes?.language ?? null,
      service_id: attributes?.serviceId ?? null,
      type_id: attributes?.typeId ?? null,
      solved: false,
      set_aside: false,
      solved_at: null,
    });
  },
});

function changes(row: TicketWordsRow, event: StoredOf<(typeof changeTypes)[number]>): Partial<TicketWordsRow> {
  if (isSetAsideEvent(event)) return { set_aside: setAsideBy(event) !== null };
  switch (event.type) {
    case 'TicketStatusChanged': {
      const solved = isDone(event.data.to);
      return { solved, solved_at: solved ? timeOf(event) : null };
    }
    case 'TicketSubjectChanged':
      return { subject: event.data.to };
    case 'TicketLanguageChanged':
      return { language: event.data.to };
    case 'TicketServiceChanged':
      return { service_id: event.data.to };
    case 'TicketCommentEdited':
      return event.data.commentId === row.comment_id ? { text: event.data.message.text.slice(0, maxText) } : {};
    case 'TicketCommentRedacted':
      // Whatever part was taken out: a word less to find the ticket by does no harm, a word too many may.
      return event.data.commentId === row.comment_id ? { text: '' } : {};
    case 'TicketTypeChanged':
      return { type_id: event.data.to };
    default:
      return event satisfies never;
  }
}
