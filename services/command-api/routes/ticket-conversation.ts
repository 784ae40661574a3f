import { EditComment, RedactComment } from '#contracts/api/ticket-conversation.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import { Strict, Uuid } from '#contracts/primitives.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { CommandApiDeps } from '../deps.ts';
import { richMessageOf } from '../rich-message.ts';
import { registerTicketChange } from '../ticket-change.ts';
import type { UploadReferences } from '../upload-reference.ts';

const params = Strict({ ...TicketParams.properties, comment: Uuid });

/** What is done to a message after it was said. */
export function registerTicketConversation(app: HttpServer, deps: CommandApiDeps, uploads: UploadReferences): void {
  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/comments/:comment',
    params,
    command: 'EditComment',
    summary: 'Write a note anew',
    description:
      'Its author only. What is public has been mailed as it was: correct it by another reply, or take something out ' +
      'of it. The earlier words stay in the log.',
    body: EditComment,
    refusals: ['COMMENT_NOT_FOUND', 'COMMENT_NOT_EDITABLE', 'COMMENT_REDACTED'],
    change: async ({ id, body, principal: { personId: by }, params: { comment: commentId = '' }, context }) => {
      const data = {
        commentId,
        by,
        message: await richMessageOf(body, { uploads, blobs: deps.blobs }, by),
        keep: body.keep ?? null,
      };
      return deps.tickets.change(id, { type: 'EditComment', data }, context);
    },
  });

  registerTicketChange(app, deps, {
    method: 'POST',
    path: '/comments/:comment/redactions',
    params,
    command: 'RedactComment',
    summary: 'Take something out of a message',
    description:
      'Out of the text, by place, which takes the HTML twin as well; a file; or all of it. Readers no longer get it, ' +
      'neither now nor as of any moment, nor in the history. Only auditors and admins still see it, in the feed of ' +
      'events. Mail that has left the desk is not called back. A message that was written anew loses its earlier words.',
    body: RedactComment,
    refusals: ['COMMENT_NOT_FOUND', 'REDACTION_INVALID'],
    change: ({ id, body, principal: { personId: by }, params: { comment: commentId = '' }, context }) =>
      deps.tickets.redact(id, { commentId, by, parts: body.parts, reason: body.reason }, context),
  });
}
