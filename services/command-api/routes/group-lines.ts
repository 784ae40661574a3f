import { ChangeLine, RenameGroup } from '#contracts/api/agents.ts';
import { Changed, ticketChangeHeaders } from '#contracts/api/common.ts';
import { GroupParams } from '#contracts/api/directory.ts';
import { refusals } from '#contracts/api/problem.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { changed, ticketChangeContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';

const groupRefusals = ['UNKNOWN_GROUP', 'VERSION_CONFLICT', 'PRECONDITION_REQUIRED', 'IDEMPOTENCY_KEY_REUSED'] as const;

/** What a group is called, and where it stands among the support lines. */
export function registerGroupLines(app: HttpServer, { groups }: CommandApiDeps): void {
  const common = { tags: ['directory'], headers: ticketChangeHeaders, params: GroupParams };
  const access = ['supervisor', 'admin'] as const;

  app.put(
    '/v1/groups/:group/name',
    {
      config: { access, commands: ['RenameGroup'] },
      schema: {
        ...common,
        summary: 'Rename a group',
        description: 'Tickets, rules and figures name groups by their id and go on as before.',
        body: RenameGroup,
        response: { 200: Changed, ...refusals(...groupRefusals) },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      return changed(reply, await groups.rename(params.group, body.name, ticketChangeContext(request)));
    },
  );

  app.put(
    '/v1/groups/:group/line',
    {
      config: { access, commands: ['ChangeLine'] },
      schema: {
        ...common,
        summary: 'Change the support line of a group',
        description:
          'And the group that its tickets are handed over to by an escalation. Groups do not hand over in a circle.',
        body: ChangeLine,
        response: { 200: Changed, ...refusals(...groupRefusals, 'ESCALATION_CYCLE') },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      return changed(reply, await groups.changeLine(params.group, body, ticketChangeContext(request)));
    },
  );
}
