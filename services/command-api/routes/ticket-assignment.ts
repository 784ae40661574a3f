import { TicketAssignedAnswer } from '#contracts/api/agents.ts';
import { refusals } from '#contracts/api/problem.ts';
import { AssignTicketBody, EscalateTicketBody } from '#contracts/commands/ticket.ts';
import { stepOf } from '#packages/commands/context.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { changed } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { agents, authorisedChange, changeRefusals, changeSchema, registerTicketChange } from '../ticket-change.ts';

/** Who works on a ticket. */
export function registerTicketAssignment(app: HttpServer, deps: CommandApiDeps): void {
  const { agents: profiles, tickets } = deps;

  app.put(
    '/v1/tickets/:ticket/assignment',
    {
      config: { access: agents, commands: ['AssignTicket'] },
      schema: {
        ...changeSchema,
        summary: 'Assign',
        description:
          'Hands the ticket to a group and an agent of it; null takes it from them, and routing gives it to nobody then. An ' +
          'agent who is absent or outside their working hours gets it all the same; `warnings` say so.',
        body: AssignTicketBody,
        response: {
          200: TicketAssignedAnswer,
          ...refusals(...changeRefusals, 'UNKNOWN_GROUP', 'UNKNOWN_AGENT', 'AGENT_NOT_IN_GROUP'),
        },
      },
    },
    async (request, reply) => {
      const { context, id } = await authorisedChange(deps, request, request.params.ticket);
      const { agentId } = request.body;
      const warning = agentId === null ? null : await profiles.awayNow(agentId);
      const done = await tickets.assign(id, { ...request.body, reason: { kind: 'manual' } }, context);
      return { ...changed(reply, done), warnings: warning ? [warning] : [] };
    },
  );

  registerTicketChange(app, deps, {
    method: 'POST',
    path: '/escalation',
    command: ['EscalateTicket', 'AddComment'],
    summary: 'Hand over to the line above',
    description:
      'The ticket goes to the group that its own hands over to, and waits there for an agent. `note` adds an internal note ' +
      'in a command of its own, so that the hand-over can be undone like any assignment while the note stays.',
    body: EscalateTicketBody,
    refusals: ['NO_LINE_ABOVE', 'UNKNOWN_GROUP'],
    async change({ id, body, principal, context }) {
      const done = await tickets.escalate(id, body.reason, context);
      if (body.note === undefined) return done;
      const note = {
        visibility: 'internal' as const,
        authorId: principal.personId,
        authorRole: 'agent' as const,
        channel: 'api' as const,
        message: { text: body.note, html: null, attachments: [], mail: null },
      };
      const { position, version } = await tickets.comment(id, note, stepOf(context, 'note'));
      return { version, position, duplicate: done.duplicate };
    },
  });
}
