import { Changed, changeHeaders } from '#contracts/api/common.ts';
import { ChangeRoles, PersonParams, PersonRegistered, RegisterPerson } from '#contracts/api/directory.ts';
import { refusals } from '#contracts/api/problem.ts';
import { streams } from '#contracts/events/streams.ts';
import { phoneOf } from '#packages/domain/person/phone.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { changed, commandContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { addressOf, companyOf } from '../facts.ts';
import { agents } from '../ticket-change.ts';

export function registerPersonCommands(app: HttpServer, { directory, store }: CommandApiDeps): void {
  /** Registering somebody again changes nothing, which would look like success to a caller who wants other roles. */
  const refuseKnown = async (address: string | undefined, commandId: string): Promise<void> => {
    if (address === undefined) return;
    const found = await directory.findByAddress(address);
    if (found === null) return;
    const { personId } = found;
    const events = await store.readStream(streams.person(personId));
    if (events.some(({ metadata }) => metadata.commandId === commandId)) return;
    const fields = [{ pointer: '/emails/0', detail: 'belongs to somebody known' }];
    throw new AppError('PERSON_EXISTS', { fields, extra: { id: personId } });
  };

  app.post(
    '/v1/people',
    {
      config: { access: agents, commands: ['RegisterPerson', 'ClaimAddress'] },
      schema: {
        summary: 'Register a person',
        description:
          'Customers register themselves by writing; this is for others, such as agents and callers. Only admins give roles besides customer.',
        tags: ['directory'],
        headers: changeHeaders,
        body: RegisterPerson,
        response: {
          201: PersonRegistered,
          ...refusals('PERSON_EXISTS', 'EMAIL_TAKEN', 'UNKNOWN_COMPANY', 'PHONE_INVALID', 'IDEMPOTENCY_KEY_REUSED'),
        },
      },
    },
    async (request, reply) => {
      const { name, roles } = request.body;
      if (principalOf(request).role !== 'admin' && roles.some((role) => role !== 'customer'))
        throw new AppError('FORBIDDEN', {
          detail: 'Only admins give roles.',
          fields: [{ pointer: '/roles', detail: 'may be customer only' }],
        });
      const given = request.body.companyId ?? null;
      const companyId = given === null ? null : (await companyOf(store, given, '/companyId')).id;
      const emails = request.body.emails.map((text, index) => addressOf(text, `/emails/${index}`));
      const phones = request.body.phones?.map((text, index) => phoneOf(text, `/phones/${index}`)) ?? [];
      const context = commandContext(request);
      await refuseKnown(emails[0], context.commandId);
      const done = await directory.registerPerson({ name, emails, phones, roles, companyId, origin: 'api' }, context);
      reply.code(201).header('location', `/v1/people/${done.personId}`);
      return { id: done.personId, ...changed(reply, done) };
    },
  );

  app.put(
    '/v1/people/:person/roles',
    {
      config: { access: ['admin'], commands: ['ChangeRoles'] },
      schema: {
        summary: 'Change the roles of a person',
        description: 'Tokens for a role that is taken away are revoked with it.',
        tags: ['directory'],
        headers: changeHeaders,
        params: PersonParams,
        body: ChangeRoles,
        response: { 200: Changed, ...refusals('UNKNOWN_PERSON', 'PERSON_MERGED', 'IDEMPOTENCY_KEY_REUSED') },
      },
    },
    async (request, reply) => {
      const { person } = request.params;
      return changed(reply, await directory.changeRoles(person, request.body.roles, commandContext(request)));
    },
  );
}
