import { Changed, changeHeaders } from '#contracts/api/common.ts';
import { GroupRegistered, MemberParams, RegisterGroup } from '#contracts/api/directory.ts';
import { refusals } from '#contracts/api/problem.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { changed, commandContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';

export function registerGroupCommands(app: HttpServer, { directory }: CommandApiDeps): void {
  app.post(
    '/v1/groups',
    {
      config: { access: ['admin'], commands: ['RegisterGroup'] },
      schema: {
        summary: 'Register a group of agents',
        tags: ['directory'],
        headers: changeHeaders,
        body: RegisterGroup,
        response: { 201: GroupRegistered, ...refusals('IDEMPOTENCY_KEY_REUSED') },
      },
    },
    async (request, reply) => {
      const done = await directory.registerGroup({ name: request.body.name }, commandContext(request));
      reply.code(201);
      return { id: done.groupId, ...changed(reply, done) };
    },
  );

  app.put(
    '/v1/groups/:group/members/:person',
    {
      config: { access: ['admin', 'supervisor'], commands: ['AddMember'] },
      schema: {
        summary: 'Add an agent to a group',
        tags: ['directory'],
        headers: changeHeaders,
        params: MemberParams,
        response: { 200: Changed, ...refusals('UNKNOWN_GROUP', 'UNKNOWN_AGENT') },
      },
    },
    async (request, reply) => {
      const { group, person } = request.params;
      return changed(reply, await directory.addMember(group, person, commandContext(request)));
    },
  );

  app.delete(
    '/v1/groups/:group/members/:person',
    {
      config: { access: ['admin', 'supervisor'], commands: ['RemoveMember'] },
      schema: {
        summary: 'Take an agent out of a group',
        description: 'Tickets stay where they are.',
        tags: ['directory'],
        headers: changeHeaders,
        params: MemberParams,
        response: { 200: Changed, ...refusals('UNKNOWN_GROUP') },
      },
    },
    async (request, reply) => {
      const { group, person } = request.params;
      return changed(reply, await directory.removeMember(group, person, commandContext(request)));
    },
  );
}
