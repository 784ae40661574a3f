import { CallRegistered, RegisterCall, type RegisterCall as RegisterCallBody } from '#contracts/api/calls.ts';
import { changeHeaders } from '#contracts/api/common.ts';
import { refusals } from '#contracts/api/problem.ts';
import type { Caller, NewCaller } from '#packages/commands/caller.ts';
import { refuseStrangers } from '#packages/commands/ticket-attributes.ts';
import { phoneOf } from '#packages/domain/person/phone.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { changed, commandContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { addressOf, visibleTicket } from '../facts.ts';
import { attributeRefusals, attributesOf } from '../new-ticket.ts';
import { richMessageOf } from '../rich-message.ts';
import { agents } from '../ticket-change.ts';
import type { UploadReferences } from '../upload-reference.ts';

/** Registering a call, by those who answer the telephone. */
export function registerCallCommands(app: HttpServer, deps: CommandApiDeps, uploads: UploadReferences): void {
  app.post(
    '/v1/calls',
    {
      config: { access: agents, commands: ['RegisterCall', 'RegisterPerson', 'RegisterCompany'] },
      schema: {
        summary: 'Register a call',
        description:
          'Caller, company and ticket in one request, or nothing. The caller is somebody known, or new: then a telephone ' +
          'number or an address that somebody has already is answered by 409 with `candidates`, to choose one or to say ' +
          '`confirmedNew`. Who goes on with it is for routing to find, unless you say so, or have solved it on the telephone. ' +
          'Try again with the same Idempotency-Key to go on where a request broke off.',
        tags: ['tickets'],
        headers: changeHeaders,
        body: RegisterCall,
        response: {
          201: CallRegistered,
          ...refusals(
            ...([
              'UNKNOWN_PERSON',
              'UNKNOWN_COMPANY',
              'PHONE_INVALID',
              'CALLER_KNOWN',
              'EMAIL_TAKEN',
              'TICKET_NOT_FOUND',
            ] as const),
            ...(['UNKNOWN_GROUP', 'UNKNOWN_AGENT', 'AGENT_NOT_IN_GROUP', 'FIELDS_REQUIRED'] as const),
            ...(['IDEMPOTENCY_KEY_REUSED', ...attributeRefusals] as const),
          ),
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const principal = principalOf(request);
      const { personId: operatorId } = principal;
      const { agentId = null, answer, groupId = null, priority = 'normal', solved = false, subject } = body;
      if (solved && answer === undefined) throw unclear('/answer', 'is needed to say how it was solved');
      const caller = callerOf(body.caller);
      if (body.followUpOf !== undefined) await visibleTicket(deps, body.followUpOf, principal);
      if (body.followers !== undefined) await refuseStrangers(deps.store, body.followers, '/followers');
      const tools = { uploads, blobs: deps.blobs };
      const message = await richMessageOf(body, tools, operatorId);
      const told = answer ? await below('/answer', richMessageOf(answer, tools, operatorId)) : null;
      const done = await deps.calls.register(
        {
          ...{ caller, operatorId, groupId, agentId, subject, priority, message, answer: told, solved },
          followUpOf: body.followUpOf ?? null,
          attributes: attributesOf(body, principal),
        },
        commandContext(request),
      );
      reply.code(201).headers({
        location: `/v1/tickets/${done.ticketId}`,
        // W3C Server Timing: an operator's client shows when registering a call grows slow.
        'server-timing': `total;dur=${reply.elapsedTime.toFixed(1)}`,
      });
      const { company, number, person, ticketId } = done;
      return { person, company, ticket: { id: ticketId, number }, ...changed(reply, done) };
    },
  );
}

/** Either somebody known or somebody new. Throws INVALID_REQUEST and PHONE_INVALID. */
function callerOf({ personId, ...given }: RegisterCallBody['caller']): Caller {
  const { company, confirmedNew = false, emails = [], name, phones = [] } = given;
  if (personId !== undefined) {
    const [member] = Object.keys(given);
    if (member !== undefined)
      throw unclear(`/caller/${member}`, 'is for somebody new; `personId` names somebody known');
    return { personId };
  }
  if (name === undefined) throw unclear('/caller', 'must have either `personId` or `name`');
  return {
    ...{ name: name.trim(), confirmedNew, company: companyOf(company) },
    phones: distinct(phones.map((text, index) => phoneOf(text, `/caller/phones/${index}`))),
    emails: [...new Set(emails.map((text, index) => addressOf(text, `/caller/emails/${index}`)))],
  };
}

const distinct = (phones: NewCaller['phones']): NewCaller['phones'] => [
  ...new Map(phones.map((phone) => [phone.number, phone])).values(),
];

function companyOf(company: RegisterCallBody['caller']['company']): NewCaller['company'] {
  if (company === undefined) return null;
  const { id, name } = company;
  if (id !== undefined && name === undefined) return { id };
  if (name !== undefined && id === undefined) return { name: name.trim() };
  throw unclear('/caller/company', 'must have either `id` or `name`');
}

const unclear = (pointer: string, detail: string): AppError =>
  new AppError('INVALID_REQUEST', { detail: `${pointer} ${detail}.`, fields: [{ pointer, detail }] });

/** The pointers of a refusal, which are those of a part of the body, become those of the body. */
async function below<T>(pointer: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!isAppError(error)) throw error;
    const fields = error.fields.map((field) => ({ ...field, pointer: pointer + field.pointer }));
    throw new AppError(error.code, { detail: error.message, fields, extra: error.extra, cause: error });
  }
}
