import { EscalateTicketBody } from '#contracts/commands/ticket.ts';
import { stepOf } from '#packages/commands/context.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { CommandApiDeps } from '../deps.ts';
import { registerTicketChange } from '../ticket-change.ts';

export function registerTicketEscalation(app: HttpServer, deps: CommandApiDeps): void {
  const { tickets } = deps;

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
