import type { NewEvent } from '#packages/event-store/port.ts';
import { newId } from '#packages/kernel/ids.ts';

const text = 'The printer on the second floor prints every page twice since this morning, and once it was on fire. ';

/** One reply of an ordinary ticket: about 0.7 kB of JSON, data and metadata together. */
export function ticketComment(): NewEvent {
  const id = newId();
  return {
    id,
    type: 'TicketCommented',
    data: {
      commentId: id,
      visibility: 'public',
      authorId: newId(),
      authorRole: 'agent',
      channel: 'api',
      message: { text: text.repeat(2), html: null, attachments: [], mail: null },
    },
    metadata: {
      schema: 1,
      at: new Date().toISOString(),
      commandId: newId(),
      correlationId: newId(),
      causationId: null,
      actor: { kind: 'person', id: newId() },
      source: 'api',
      hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
  };
}
