import type { FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { Changed, ticketChangeHeaders } from '#contracts/api/common.ts';
import { refusals } from '#contracts/api/problem.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import type { Role } from '#contracts/primitives.ts';
import type { ProblemCode } from '#contracts/problems.ts';
import type { CommandContext, Outcome } from '#packages/commands/context.ts';
import { isHiddenFromCustomers } from '#packages/domain/ticket/audience.ts';
import type { ChangeCommand } from '#packages/domain/ticket/commands.ts';
import { type Principal, principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { changed, ticketChangeContext } from './command-context.ts';
import type { CommandApiDeps } from './deps.ts';
import { visibleTicket } from './facts.ts';

/** Roles that work on tickets. */
export const agents = ['agent', 'supervisor', 'admin'] as const;

/** What the schemas of all changes of a ticket share. */
export const changeSchema = { tags: ['tickets'], params: TicketParams, headers: ticketChangeHeaders };

/** Refusals that any change of a ticket may give. */
export const changeRefusals = [
  'TICKET_NOT_FOUND',
  'TICKET_MERGED',
  'TICKET_IS_SPAM',
  'TICKET_CLOSED',
  'TICKET_TOO_LONG',
  'VERSION_CONFLICT',
  'IDEMPOTENCY_KEY_REUSED',
  'PRECONDITION_REQUIRED',
] as const satisfies readonly ProblemCode[];

export type TicketChangeRequest<Body> = {
  /** Id of the ticket, which exists and which the principal may see. */
  readonly id: string;
  readonly body: Body;
  readonly principal: Principal;
  readonly context: CommandContext;
  /** The parameters of the path besides the ticket. */
  readonly params: Readonly<Record<string, string>>;
};

export type TicketChange<Body extends TSchema> = {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  /** Below `/v1/tickets/:ticket`. */
  readonly path: string;
  /** The command it sends, or the commands. */
  readonly command: ChangeCommand['type'] | readonly ChangeCommand['type'][];
  /** Default: agents, supervisors, admins. */
  readonly access?: readonly Role[];
  readonly summary: string;
  readonly description?: string;
  /** Schema of the path's parameters, when it has more than the ticket. */
  readonly params?: TSchema;
  readonly body?: Body;
  /** Refusals beyond those of every change. */
  readonly refusals?: readonly ProblemCode[];
  change(request: TicketChangeRequest<Static<Body>>): Promise<Outcome>;
};

/** The ticket and the command of a request; a ticket that the principal may not see is answered 404 before 412. */
export async function authorisedChange(
  deps: CommandApiDeps,
  request: FastifyRequest,
  idOrNumber: string,
): Promise<{ id: string; context: CommandContext }> {
  const context = ticketChangeContext(request);
  const principal = principalOf(request);
  const id = await visibleTicket(deps, idOrNumber, principal);
  // The version that customers know of stays the same through all that they may not see.
  return { id, context: principal.role === 'customer' ? { ...context, indifferent: isHiddenFromCustomers } : context };
}

/** What happened to a ticket meanwhile, notes and deadlines among it, is for agents; customers hear that something did. */
export async function withoutEvents<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (!isAppError(error, 'VERSION_CONFLICT')) throw error;
    const { events: _, ...extra } = error.extra;
    throw new AppError(error.code, { detail: error.message, extra, cause: error });
  }
}

/** For customers a ticket that was taken for spam is one that is closed: what it was taken for is the desk's own affair. */
export async function tellingNoSpam<T>(principal: Principal, change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (principal.role !== 'customer' || !isAppError(error, 'TICKET_IS_SPAM')) throw error;
    throw new AppError('TICKET_CLOSED', { cause: error });
  }
}

/** Mounts one change of a ticket that answers with the version and position it led to. */
export function registerTicketChange<Body extends TSchema>(
  app: HttpServer,
  deps: CommandApiDeps,
  {
    access = agents,
    body,
    change,
    command,
    description,
    method,
    params,
    path,
    refusals: codes = [],
    summary,
  }: TicketChange<Body>,
): void {
  app.route({
    method,
    url: `/v1/tickets/:ticket${path}`,
    config: { access, commands: [command].flat() },
    schema: {
      ...changeSchema,
      ...(params && { params }),
      summary,
      ...(description !== undefined && { description }),
      ...(body && { body }),
      response: { 200: Changed, ...refusals(...changeRefusals, ...codes) },
    },
    handler: async (request, reply) => {
      // Validated by the very schemas that the types come from; the route is generic in them.
      const given = request.params as Readonly<Record<string, string>> & { readonly ticket: string };
      const { context, id } = await authorisedChange(deps, request, given.ticket);
      const content = request.body as Static<Body>;
      const principal = principalOf(request);
      const changing = change({ id, body: content, principal, context, params: given });
      const told = principal.role === 'customer' ? withoutEvents(changing) : changing;
      return changed(reply, await tellingNoSpam(principal, told));
    },
  });
}
