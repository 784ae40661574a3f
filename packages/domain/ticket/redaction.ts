import type { DeskEvent } from '#contracts/events/all.ts';
import type { Attachment, Message } from '#contracts/events/message.ts';
import type { RedactedPart } from '#contracts/events/ticket-conversation.ts';

/** Stands for each character that was taken out, so that all others keep their places. */
const bar = '█';

type Readable = { text: string; html: string | null; attachments: readonly Attachment[] };

/** A message without the parts that were taken out. Taking out twice is the same as once. */
export function redacted<T extends Readable>(message: T, parts: readonly RedactedPart[]): T {
  let left = message;
  for (const part of parts) left = without(left, part);
  return left;
}

function without<T extends Readable>(message: T, part: RedactedPart): T {
  const { attachments, text } = message;
  switch (part.kind) {
    case 'whole':
      return { ...message, text: '', html: null, attachments: [] };
    case 'text': {
      const gone = bar.repeat(text.slice(part.from, part.to).length);
      return { ...message, text: text.slice(0, part.from) + gone + text.slice(part.to), html: null };
    }
    case 'attachment':
      return { ...message, attachments: attachments.filter(({ blob }) => blob !== part.blob) };
    default:
      return part satisfies never;
  }
}

/** A range widened to whole characters: half a surrogate pair is no text that could be stored. */
export function wholeCharacters(text: string, from: number, to: number): { from: number; to: number } {
  const splits = (place: number): boolean => /[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(text.slice(place - 1, place + 1));
  return { from: from > 0 && splits(from) ? from - 1 : from, to: to > 0 && splits(to) ? to + 1 : to };
}

/**
 * The message that came to a ticket by the event of a version, as it reads after all these events.
 * @param events of that ticket's stream
 */
export const messageNow = (message: Message, version: number, events: readonly DeskEvent[]): Message =>
  events.reduce<Message>((current, { data, type }) => {
    if (type === 'TicketCommentEdited' && data.version === version) return data.message;
    if (type === 'TicketCommentRedacted' && data.version === version) return redacted(current, data.parts);
    return current;
  }, message);
