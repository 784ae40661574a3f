import type { FastifyRequest } from 'fastify';
import { Changed, ticketChangeHeaders } from '#contracts/api/common.ts';
import { refusals } from '#contracts/api/problem.ts';
import { AddComment, CommentAddedAnswer, TicketParams } from '#contracts/api/tickets.ts';
import { AssignTicketBody, ChangePriorityBody, ChangeStatusBody } from '#contracts/commands/ticket.ts';
import type { CommandContext } from '#packages/commands/context.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { messageOf } from '../api-message.ts';
import { changed, ticketChangeContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { refuseFields, visibleTicket } from '../facts.ts';
import type { UploadReferences } from '../upload-reference.ts';

const agents = ['agent', 'supervisor', 'admin'] as const;

/** What the schemas of all changes of a ticket share. */
const change = { tags: ['tickets'], params: TicketParams, headers: ticketChangeHeaders };
const changeRefusals = [
  'TICKET_NOT_FOUND',
  'TICKET_CLOSED',
  'TICKET_TOO_LONG',
  'VERSION_CONFLICT',
  'IDEMPOTENCY_KEY_REUSED',
  'PRECONDITION_REQUIRED',
] as const;

/** What happened to a ticket meanwhile, notes and deadlines among it, is for agents; customers hear that something did. */
async function withoutEvents<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (!isAppError(error, 'VERSION_CONFLICT')) throw error;
    const { events: _, ...extra } = error.extra;
    throw new AppError(error.code, { detail: error.message, extra, cause: error });
  }
}

export function registerTicketChanges(app: HttpServer, deps: CommandApiDeps, uploads: UploadReferences): void {
  const { tickets } = deps;

  /** The ticket and the command of a request; a ticket that the principal may not see is answered 404 before 412. */
  const authorised = async (
    request: FastifyRequest,
    idOrNumber: string,
  ): Promise<{ id: string; context: CommandContext }> => {
    const context = ticketChangeContext(request);
    return { id: await visibleTicket(deps, idOrNumber, principalOf(request)), context };
  };

  app.post(
    '/v1/tickets/:ticket/comments',
    {
      config: { access: ['customer', ...agents] },
      schema: {
        ...change,
        summary: 'Reply or add a note',
        description:
          'A public comment of an agent goes to the customer by mail; an internal one stays in the desk. `status` moves ' +
          'the ticket in the same step. Customers comment in public on their own tickets.',
        body: AddComment,
        response: { 201: CommentAddedAnswer, ...refusals(...changeRefusals, 'ILLEGAL_TRANSITION') },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const principal = principalOf(request);
      const { context, id } = await authorised(request, params.ticket);
      refuseFields(principal, body, ['status']);
      const isCustomer = principal.role === 'customer';
      if (isCustomer && body.visibility !== 'public') {
        const fields = [{ pointer: '/visibility', detail: 'must be public' }];
        throw new AppError('FORBIDDEN', { detail: 'Internal notes are for agents.', fields });
      }
      const commented = tickets.comment(
        id,
        {
          visibility: body.visibility,
          authorId: principal.personId,
          authorRole: isCustomer ? 'customer' : 'agent',
          channel: 'api',
          message: messageOf(body, uploads, principal.personId),
          ...(body.status !== undefined && { status: body.status }),
        },
        context,
      );
      const done = await (isCustomer ? withoutEvents(commented) : commented);
      reply.code(201);
      return { commentId: done.commentId, ...changed(reply, done) };
    },
  );

  app.put(
    '/v1/tickets/:ticket/assignment',
    {
      config: { access: agents },
      schema: {
        ...change,
        summary: 'Assign',
        description: 'Hands the ticket to a group and an agent of it; null takes it from them.',
        body: AssignTicketBody,
        response: {
          200: Changed,
          ...refusals(...changeRefusals, 'UNKNOWN_GROUP', 'UNKNOWN_AGENT', 'AGENT_NOT_IN_GROUP'),
        },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const { context, id } = await authorised(request, params.ticket);
      return changed(reply, await tickets.assign(id, { ...body, reason: { kind: 'manual' } }, context));
    },
  );

  app.put(
    '/v1/tickets/:ticket/status',
    {
      config: { access: agents },
      schema: {
        ...change,
        summary: 'Change the status',
        description: 'A refused transition names the statuses that are possible.',
        body: ChangeStatusBody,
        response: { 200: Changed, ...refusals(...changeRefusals, 'ILLEGAL_TRANSITION') },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const { context, id } = await authorised(request, params.ticket);
      return changed(reply, await tickets.changeStatus(id, { to: body.status }, context));
    },
  );

  app.put(
    '/v1/tickets/:ticket/priority',
    {
      config: { access: agents },
      schema: {
        ...change,
        summary: 'Change the priority',
        description: 'SLA targets follow the new priority; the time already used is kept.',
        body: ChangePriorityBody,
        response: { 200: Changed, ...refusals(...changeRefusals) },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const { context, id } = await authorised(request, params.ticket);
      return changed(reply, await tickets.changePriority(id, { to: body.priority }, context));
    },
  );
}
