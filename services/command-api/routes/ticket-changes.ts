import type { FastifyRequest } from 'fastify';
import { refusals } from '#contracts/api/problem.ts';
import { AddComment, CommentAddedAnswer } from '#contracts/api/tickets.ts';
import { ChangePriorityBody, ChangeStatusBody } from '#contracts/commands/ticket.ts';
import type { Outcome } from '#packages/commands/context.ts';
import { unconditional } from '#packages/commands/relations/deps.ts';
import { followMerges } from '#packages/commands/relations/follow-merges.ts';
import { isIndifferentToReply } from '#packages/domain/ticket/audience.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { changed } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { refuseFields, refuseNoteOfCustomer } from '../facts.ts';
import { richMessageOf } from '../rich-message.ts';
import {
  agents,
  authorisedChange,
  changeRefusals,
  changeSchema,
  registerTicketChange,
  tellingNoSpam,
  withoutEvents,
} from '../ticket-change.ts';
import type { UploadReferences } from '../upload-reference.ts';

/** Whoever may not go on with an old ticket is told how to go on: by a new one that follows it. */
async function forCustomer<T>(change: Promise<T>, followUpOf: string): Promise<T> {
  try {
    return await withoutEvents(change);
  } catch (error) {
    if (!isAppError(error, 'TICKET_CLOSED')) throw error;
    const followUp = { method: 'POST', href: '/v1/tickets', body: { followUpOf } };
    throw new AppError(error.code, { detail: error.message, extra: { ...error.extra, followUp }, cause: error });
  }
}

const statusRefusals = ['UNKNOWN_STATUS', 'ILLEGAL_TRANSITION', 'POSTPONEMENT_INVALID', 'FIELDS_REQUIRED'] as const;

/**
 * Forgets what its author had written so far of a comment that was said now. One that is sent again may come after the next
 * draft was begun, so it leaves that alone; and what was said is said whether or not the draft can be reached.
 */
async function forgetDraft(deps: CommandApiDeps, request: FastifyRequest, ticketId: string, said: Outcome) {
  if (said.duplicate) return;
  try {
    await deps.drafts.forget(ticketId, principalOf(request).personId);
  } catch (error) {
    request.log.warn({ err: error, ticketId }, 'the draft of a comment that was said stays');
  }
}

export function registerTicketChanges(app: HttpServer, deps: CommandApiDeps, uploads: UploadReferences): void {
  const { tickets } = deps;

  app.post(
    '/v1/tickets/:ticket/comments',
    {
      config: { access: ['customer', ...agents], commands: ['AddComment'] },
      bodyLimit: 6 * 1_048_576,
      handlerTimeout: 120_000,
      schema: {
        ...changeSchema,
        consumes: ['application/json', 'multipart/form-data'],
        summary: 'Reply or add a note',
        description:
          'A public comment of an agent goes to the customer by mail; an internal one stays in the desk. `status` moves ' +
          'the ticket in the same step. Customers comment in public on their own tickets. What is said on a merged ticket ' +
          'goes to the one that goes on, whose id is in the answer. A comment of an agent that was written on a stale ' +
          'view is refused with what came between (`events`; messages with author, visibility and first words), unless ' +
          'that was bookkeeping such as tags or SLA clocks. The same again with `actual` in If-Match confirms it in the ' +
          'knowledge of just that, with * whatever came. Your draft on the ticket is forgotten. As multipart/form-data: a part `body` with the JSON, or its texts ' +
          'as parts, and any number of files; the HTML shows one in its place by `cid:<name of its part>`.',
        body: AddComment,
        response: { 201: CommentAddedAnswer, ...refusals(...changeRefusals, ...statusRefusals, 'UNKNOWN_MENTION') },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const principal = principalOf(request);
      const { context: asked, id } = await authorisedChange(deps, request, params.ticket);
      refuseFields(principal, body, ['status', 'resumeAt', 'mentions']);
      const isCustomer = principal.role === 'customer';
      refuseNoteOfCustomer(principal, body.visibility);
      const comment = {
        visibility: body.visibility,
        authorId: principal.personId,
        authorRole: isCustomer ? ('customer' as const) : ('agent' as const),
        channel: 'api' as const,
        message: await richMessageOf(body, { uploads, blobs: deps.blobs }, principal.personId),
        ...(body.status !== undefined && { status: body.status }),
        ...(body.mentions && { mentions: body.mentions }),
        ...(body.resumeAt !== undefined && { resumeAt: body.resumeAt }),
      };
      const context = isCustomer ? asked : { ...asked, indifferent: isIndifferentToReply };
      // The version that the caller saw is of the ticket they named; the one that goes on has another.
      const commented = followMerges(id, (ticketId) =>
        tickets.comment(ticketId, comment, ticketId === id ? context : unconditional(context)),
      );
      const { done, ticketId } = await (isCustomer ? forCustomer(tellingNoSpam(principal, commented), id) : commented);
      await forgetDraft(deps, request, id, done);
      reply.code(201);
      return { commentId: done.commentId, ticketId, ...changed(reply, done) };
    },
  );

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/status',
    command: 'ChangeStatus',
    summary: 'Change the status',
    description:
      'To a category or a custom status. A refused transition names the statuses that are possible. `resumeAt` makes a ' +
      'ticket that is pending or on hold open by itself; sent again with the same status it only changes that instant.',
    body: ChangeStatusBody,
    refusals: statusRefusals,
    change: ({ id, body: { status: to, ...postponement }, context }) =>
      tickets.change(id, { type: 'ChangeStatus', data: { to, ...postponement } }, context),
  });

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/priority',
    command: 'ChangePriority',
    summary: 'Change the priority',
    description: 'SLA targets follow the new priority; the time already used is kept.',
    body: ChangePriorityBody,
    change: ({ id, body, context }) =>
      tickets.change(id, { type: 'ChangePriority', data: { to: body.priority } }, context),
  });
}
