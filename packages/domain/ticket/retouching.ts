import type { Message } from '#contracts/events/message.ts';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { RedactedPart } from '#contracts/events/ticket-conversation.ts';
import { AppError, type FieldError } from '#packages/kernel/errors.ts';
import type { EditComment, RedactComment, RetouchCommand } from './conversation-commands.ts';
import type { Comment } from './conversation-state.ts';
import type { Handlers } from './handlers.ts';
import { redacted, wholeCharacters } from './redaction.ts';
import type { Ticket } from './state.ts';

/**
 * What is done to a message after it was said, on closed tickets too. Refuses with COMMENT_NOT_FOUND,
 * COMMENT_NOT_EDITABLE, COMMENT_REDACTED and REDACTION_INVALID.
 */
export const retouching: Handlers<RetouchCommand> = { EditComment: edit, RedactComment: redact };

function commentOf({ conversation }: Ticket, commentId: string): Comment {
  const comment = conversation.find((each) => each.commentId === commentId);
  if (!comment) throw new AppError('COMMENT_NOT_FOUND');
  return comment;
}

/** Public messages have been mailed as they are: another reply corrects them. A note is its author's to write anew. */
function edit({ data }: EditComment, ticket: Ticket): TicketEvent[] {
  const { by, commentId, keep } = data;
  const comment = commentOf(ticket, commentId);
  if (comment.visibility === 'public')
    throw new AppError('COMMENT_NOT_EDITABLE', {
      detail: 'What is public has been sent. Correct it by another reply.',
    });
  if (comment.authorRole !== 'agent' || comment.authorId !== by)
    throw new AppError('COMMENT_NOT_EDITABLE', { detail: 'A note can be changed by its author only.' });
  if (comment.redacted !== 'no') throw new AppError('COMMENT_REDACTED');
  const kept = comment.message.attachments.filter(({ blob }) => keep === null || keep.includes(blob));
  const added = data.message.attachments.filter(({ blob }) => !kept.some((each) => each.blob === blob));
  const message = { ...data.message, mail: comment.message.mail, attachments: [...kept, ...added] };
  if (reads(message) === reads(comment.message)) return [];
  return [{ type: 'TicketCommentEdited', data: { commentId, version: comment.version, message, by } }];
}

const reads = ({ attachments, html, text }: Message): string =>
  JSON.stringify([text, html, attachments.map(({ blob, name }) => [blob, name])]);

/** What is out already is not taken out again. */
function redact({ data }: RedactComment, ticket: Ticket): TicketEvent[] {
  const { by, commentId, eventId, reason } = data;
  const comment = commentOf(ticket, commentId);
  if (comment.redacted === 'whole') return [];
  const parts = data.parts.map((part, index) => checked(part, comment, `/parts/${index}`));
  const news = parts.filter((part) => reads(redacted(comment.message, [part])) !== reads(comment.message));
  const whole = parts.some(({ kind }) => kind === 'whole');
  if (news.length === 0 && !whole) return [];
  const place = { commentId, version: comment.version, heldBy: comment.heldBy, eventId };
  return [{ type: 'TicketCommentRedacted', data: { ...place, parts: whole ? [{ kind: 'whole' }] : news, reason, by } }];
}

function checked(part: RedactedPart, { message }: Comment, pointer: string): RedactedPart {
  switch (part.kind) {
    case 'whole':
      return part;
    case 'text': {
      if (part.from >= part.to) throw invalid({ pointer: `${pointer}/to`, detail: 'must be greater than `from`' });
      if (part.to > message.text.length)
        throw invalid({
          pointer: `${pointer}/to`,
          detail: `must be at most ${message.text.length}, where the text ends`,
        });
      return { kind: 'text', ...wholeCharacters(message.text, part.from, part.to) };
    }
    case 'attachment':
      if (message.attachments.some(({ blob }) => blob === part.blob)) return part;
      throw invalid({ pointer: `${pointer}/blob`, detail: 'is no file of that message' });
    default:
      return part satisfies never;
  }
}

const invalid = (field: FieldError): AppError => new AppError('REDACTION_INVALID', { fields: [field] });
