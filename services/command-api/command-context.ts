import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CommandContext, Outcome } from '#packages/commands/context.ts';
import { principalOf } from '#packages/http/auth.ts';
import { etagOf, expectedVersion } from '#packages/http/etag.ts';
import { commandIdentity } from '#packages/http/idempotency.ts';

/** The command that a request carries: who asks, and which attempt of which command it is. */
export function commandContext(request: FastifyRequest): CommandContext {
  const { personId } = principalOf(request);
  return {
    ...commandIdentity(request, personId),
    actor: { kind: 'person', id: personId },
    source: 'api',
    correlationId: request.id,
    causationId: null,
  };
}

/** The same for a change of a ticket, which must name the version it was made for (If-Match). */
export function ticketChangeContext(request: FastifyRequest): CommandContext {
  const version = expectedVersion(request);
  return { ...commandContext(request), ...(version !== undefined && { expectedVersion: version }) };
}

/** Puts what callers go on with into the headers, and gives the part of the body that all changes share. */
export function changed(reply: FastifyReply, outcome: Outcome): { version: number; position: string } {
  const position = String(outcome.position);
  reply.headers({ etag: etagOf(outcome.version), 'desk-position': position });
  if (outcome.duplicate) reply.header('idempotency-replayed', 'true');
  return { version: outcome.version, position };
}
