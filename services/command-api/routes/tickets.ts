import { changeHeaders } from '#contracts/api/common.ts';
import { refusals } from '#contracts/api/problem.ts';
import { CreateTicket, type CreateTicket as CreateTicketBody, TicketCreatedAnswer } from '#contracts/api/tickets.ts';
import { type CommandContext, stepOf } from '#packages/commands/context.ts';
import { companyNow, readPeople, survivorOf } from '#packages/commands/directory/subjects.ts';
import { refuseStrangers } from '#packages/commands/ticket-attributes.ts';
import { type Principal, principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { changed, commandContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { addressOf, checkMailbox, refuseFields, visibleTicket } from '../facts.ts';
import { attributeRefusals, attributesOf } from '../new-ticket.ts';
import { richMessageOf } from '../rich-message.ts';
import type { UploadReferences } from '../upload-reference.ts';

/** What customers leave to the desk. */
const forAgents = [
  'requester',
  'priority',
  'mailboxId',
  'channel',
  'dueDate',
  'impact',
  'urgency',
  'tags',
  'followers',
] as const;

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
  // Who was merged asks as who goes on for them.
  const { exists, id, state } = await survivorOf(readPeople(deps.store), personId);
  if (exists) return { personId: id, companyId: await companyNow(deps.store, state.companyId) };
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
      bodyLimit: 6 * 1_048_576,
      handlerTimeout: 120_000,
      schema: {
        consumes: ['application/json', 'multipart/form-data'],
        summary: 'Open a ticket',
        description:
          'For the holder of the token, for somebody known, or for an address, whose person and company are registered ' +
          'when they are new. Customers open tickets for themselves and leave priority, mailbox and the like to the desk. ' +
          'A form says which custom fields are asked; impact and urgency give the priority by the matrix of the desk.',
        tags: ['tickets'],
        headers: changeHeaders,
        body: CreateTicket,
        response: {
          201: TicketCreatedAnswer,
          ...refusals('TICKET_NOT_FOUND', 'UNKNOWN_PERSON', 'IDEMPOTENCY_KEY_REUSED', ...attributeRefusals),
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const principal = principalOf(request);
      const context = commandContext(request);
      refuseFields(principal, body, forAgents);
      if (body.followUpOf !== undefined) await visibleTicket(deps, body.followUpOf, principal);
      if (body.mailboxId !== undefined) await checkMailbox(deps.store, body.mailboxId);
      if (body.followers !== undefined) await refuseStrangers(deps.store, body.followers, '/followers');
      const message = await richMessageOf(body, { uploads, blobs: deps.blobs }, principal.personId);
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
          attributes: attributesOf(body, principal),
        },
        context,
      );
      reply.code(201).header('location', `/v1/tickets/${done.ticketId}`);
      return { id: done.ticketId, number: done.number, ...changed(reply, done) };
    },
  );
}
