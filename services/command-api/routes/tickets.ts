import { changeHeaders } from '#contracts/api/common.ts';
import { refusals } from '#contracts/api/problem.ts';
import { CreateTicket, type CreateTicket as CreateTicketBody, TicketCreatedAnswer } from '#contracts/api/tickets.ts';
import { type CommandContext, stepOf } from '#packages/commands/context.ts';
import { type Principal, principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { messageOf } from '../api-message.ts';
import { changed, commandContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { addressOf, checkMailbox, personOf, refuseFields, visibleTicket } from '../facts.ts';
import type { UploadReferences } from '../upload-reference.ts';

type Requester = { personId: string; companyId: string | null };

/** Who the ticket is for: the caller, somebody known, or whoever has an address, registered if new. */
async function requesterFor(
  { requester }: CreateTicketBody,
  principal: Principal,
  deps: CommandApiDeps,
  context: CommandContext,
): Promise<Requester> {
  if (requester && (requester.id === undefined) === (requester.email === undefined)) {
    const fields = [{ pointer: '/requester', detail: 'must have either `id` or `email`' }];
    throw new AppError('INVALID_REQUEST', { detail: 'The requester is not clear.', fields });
  }
  if (requester?.email !== undefined) {
    const address = addressOf(requester.email, '/requester/email');
    const person = { address, name: requester.name ?? null, origin: 'api' } as const;
    return deps.directory.ensurePerson(person, stepOf(context, 'requester'));
  }
  const personId = requester?.id ?? principal.personId;
  const person = await personOf(deps.store, personId);
  if (person.exists) return { personId, companyId: person.companyId };
  throw new AppError('UNKNOWN_PERSON', { fields: [{ pointer: '/requester/id', detail: 'is nobody the desk knows' }] });
}

export function registerTicketCreation(app: HttpServer, deps: CommandApiDeps, uploads: UploadReferences): void {
  app.post(
    '/v1/tickets',
    {
      config: {
        access: ['customer', 'agent', 'supervisor', 'admin'],
        commands: ['CreateTicket', 'RegisterPerson', 'RegisterCompany'],
      },
      schema: {
        summary: 'Open a ticket',
        description:
          'For the holder of the token, for somebody known, or for an address, whose person and company are registered ' +
          'when they are new. Customers open tickets for themselves and leave priority and mailbox to the desk.',
        tags: ['tickets'],
        headers: changeHeaders,
        body: CreateTicket,
        response: {
          201: TicketCreatedAnswer,
          ...refusals('TICKET_NOT_FOUND', 'UNKNOWN_PERSON', 'IDEMPOTENCY_KEY_REUSED'),
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const principal = principalOf(request);
      const context = commandContext(request);
      refuseFields(principal, body, ['requester', 'priority', 'mailboxId', 'channel']);
      if (body.followUpOf !== undefined) await visibleTicket(deps, body.followUpOf, principal);
      if (body.mailboxId !== undefined) await checkMailbox(deps.store, body.mailboxId);
      const message = messageOf(body, uploads, principal.personId);
      const { personId, companyId } = await requesterFor(body, principal, deps, context);

      const done = await deps.tickets.create(
        {
          subject: body.subject,
          channel: body.channel ?? 'api',
          requesterId: personId,
          companyId,
          mailboxId: body.mailboxId ?? null,
          priority: body.priority ?? 'normal',
          followUpOf: body.followUpOf ?? null,
          message,
        },
        context,
      );
      reply.code(201).header('location', `/v1/tickets/${done.ticketId}`);
      return { id: done.ticketId, number: done.number, ...changed(reply, done) };
    },
  );
}
