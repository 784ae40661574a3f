import type { Message } from '#contracts/events/message.ts';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Mention } from '#contracts/events/ticket-conversation.ts';
import type { Recorded } from '#packages/domain/decider.ts';
import { redacted } from './redaction.ts';

/** A message as it reads now. */
export type Comment = {
  readonly commentId: string;
  /** Version of the event by which the message came to the ticket, and of the one that its words are of now. */
  readonly version: number;
  readonly heldBy: number;
  readonly visibility: 'public' | 'internal';
  readonly authorId: string;
  readonly authorRole: 'customer' | 'agent';
  readonly message: Message;
  readonly mentions: readonly Mention[];
  readonly redacted: 'no' | 'partly' | 'whole';
};

/** In the order in which they came to the ticket. */
export type ConversationState = readonly Comment[];

const change = (
  state: ConversationState,
  commentId: string,
  changed: (comment: Comment) => Comment,
): ConversationState => state.map((comment) => (comment.commentId === commentId ? changed(comment) : comment));

/** Applies one event. Total: what is not about messages changes nothing. */
export function evolveConversation(state: ConversationState, event: Recorded<TicketEvent>): ConversationState {
  const { data, type, version } = event;
  const place = { version, heldBy: version, redacted: 'no' as const };
  switch (type) {
    case 'TicketCreated': {
      const { commentId, message, requesterId: authorId } = data;
      const said = {
        commentId,
        message,
        authorId,
        authorRole: 'customer',
        visibility: 'public',
        mentions: [],
      } as const;
      return [{ ...place, ...said }];
    }
    case 'TicketCommented': {
      const { authorId, authorRole, commentId, mentions = [], message, visibility } = data;
      return [...state, { ...place, authorId, authorRole, commentId, mentions, message, visibility }];
    }
    case 'TicketCommentMovedIn': {
      const { authorId, authorRole, commentId, message, visibility } = data;
      return [...state, { ...place, authorId, authorRole, commentId, mentions: [], message, visibility }];
    }
    case 'TicketCommentMovedOut':
      return state.filter(({ commentId }) => commentId !== data.commentId);
    case 'TicketCommentEdited':
      return change(state, data.commentId, (comment) => ({ ...comment, message: data.message, heldBy: version }));
    case 'TicketCommentRedacted': {
      const whole = data.parts.some(({ kind }) => kind === 'whole');
      return change(state, data.commentId, (comment) => ({
        ...comment,
        message: redacted(comment.message, data.parts),
        mentions: whole ? [] : comment.mentions,
        redacted: whole ? 'whole' : 'partly',
      }));
    }
    default:
      return state;
  }
}

/** True for somebody whom a message of the ticket mentions by person: they may read what is public there. */
export const isMentioned = (state: ConversationState, personId: string): boolean =>
  state.some(({ mentions }) => mentions.some(({ id, kind }) => kind === 'person' && id === personId));
