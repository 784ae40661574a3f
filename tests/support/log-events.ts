import { streams } from '#contracts/events/streams.ts';
import type { NewEvent } from '#packages/event-store/port.ts';
import { newId } from '#packages/kernel/ids.ts';

export const newTicketStream = (): string => streams.ticket(newId());

const metadata = (): NewEvent['metadata'] => ({
  schema: 1,
  at: '2026-03-01T09:30:00.000Z',
  commandId: newId(),
  correlationId: 'test',
  causationId: null,
  actor: { kind: 'service', id: 'test' },
  source: 'test',
});

/** An internal note with this text: an event whose content a test may choose. */
export const note = (text = 'hello', id = newId()): NewEvent => ({
  id,
  type: 'TicketCommented',
  data: {
    commentId: id,
    visibility: 'internal',
    authorId: id,
    authorRole: 'agent',
    channel: 'api',
    message: { text, html: null, attachments: [], mail: null },
  },
  metadata: metadata(),
});

export const notes = (count: number): NewEvent[] => Array.from({ length: count }, (_, index) => note(`note ${index}`));

export const priorityRaised = (): NewEvent => ({
  id: newId(),
  type: 'TicketPriorityChanged',
  data: { from: 'normal', to: 'high' },
  metadata: metadata(),
});

export const settingSaved = (value: unknown = {}): NewEvent => ({
  id: newId(),
  type: 'SettingSaved',
  data: { kind: 'calendar', id: 'office', value },
  metadata: metadata(),
});
