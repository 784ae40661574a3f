import type { Actor } from '#contracts/events/envelope.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';

/** Enough of a message to tell what it is about. */
const maxExcerpt = 200;

/** What happened meanwhile, as it is told to an agent whose change came too late. */
export type Meanwhile = {
  readonly version: number;
  readonly type: string;
  readonly at: string;
  readonly actor: Actor;
  /** Of a message: who wrote it, for whom, and its first characters. */
  readonly authorId?: string;
  readonly visibility?: 'public' | 'internal';
  readonly excerpt?: string;
};

/**
 * An event that came between, in the form in which refusals tell it. Of a message that something was taken out of since,
 * no word is told.
 * @param since all events that came between
 */
export function meanwhile(event: StoredEvent, since: readonly StoredEvent[]): Meanwhile {
  const { metadata, type, version } = event;
  const told = { version, type, at: metadata.at, actor: metadata.actor };
  if (event.type === 'TicketCommentEdited')
    return { ...told, authorId: event.data.by, visibility: 'internal', ...excerptOf(event.data, since) };
  if (event.type !== 'TicketCommented' && event.type !== 'TicketCommentMovedIn') return told;
  const { authorId, visibility } = event.data;
  return { ...told, authorId, visibility, ...excerptOf(event.data, since) };
}

function excerptOf(
  { commentId, message }: { readonly commentId: string; readonly message: { readonly text: string } },
  since: readonly StoredEvent[],
): { excerpt?: string } {
  const isRedacted = since.some(({ data, type }) => type === 'TicketCommentRedacted' && data.commentId === commentId);
  return isRedacted ? {} : { excerpt: message.text.slice(0, maxExcerpt).toWellFormed() };
}
