import { refusals } from '#contracts/api/problem.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import { CorrectWorkBody, LogWorkBody, WorkLoggedAnswer } from '#contracts/api/work.ts';
import { Strict, Uuid } from '#contracts/primitives.ts';
import { createAttributeCommands } from '#packages/commands/ticket-attributes.ts';
import { type Principal, principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { readInstant } from '#packages/http/moments.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { changed } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { agents, authorisedChange, changeRefusals, changeSchema, registerTicketChange } from '../ticket-change.ts';

const WorkParams = Strict({ ...TicketParams.properties, work: Uuid });

/** Agents answer for their own work, supervisors and administrators for everybody's. */
const ofPerson = ({ personId, role }: Principal): string | null => (role === 'agent' ? personId : null);

const instantOf = (text: string | null | undefined): string | null =>
  text ? toTimestamp(readInstant(text, '/startedAt')) : null;

/** Work done on a ticket. */
export function registerTicketWork(app: HttpServer, deps: CommandApiDeps): void {
  const { tickets } = deps;
  const { logWork } = createAttributeCommands(deps);

  app.post(
    '/v1/tickets/:ticket/work',
    {
      config: { access: agents, commands: ['LogWork'] },
      schema: {
        ...changeSchema,
        summary: 'Put work on record',
        description: 'For the company that the ticket is of now. Closed tickets take it too.',
        body: LogWorkBody,
        response: { 201: WorkLoggedAnswer, ...refusals(...changeRefusals, 'UNKNOWN_AGENT') },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { context, id } = await authorisedChange(deps, request, request.params.ticket);
      const { billable, minutes, personId = principal.personId, specification, startedAt } = request.body;
      if (principal.role === 'agent' && personId !== principal.personId) {
        const fields = [{ pointer: '/personId', detail: 'is for supervisors to say' }];
        throw new AppError('FORBIDDEN', { detail: 'Agents log their own work.', fields });
      }
      const work = { personId, minutes, billable, specification, startedAt: instantOf(startedAt) };
      const done = await logWork(id, work, context);
      reply.code(201);
      return { workId: done.workId, ...changed(reply, done) };
    },
  );

  registerTicketChange(app, deps, {
    method: 'PUT',
    path: '/work/:work',
    command: 'CorrectWork',
    summary: 'Correct work on record',
    description: 'What it was stays in the history. Agents correct their own.',
    params: WorkParams,
    body: CorrectWorkBody,
    refusals: ['WORK_NOT_FOUND'],
    change: async ({ id, body: { startedAt, ...changes }, context, params, principal }) => {
      const began = startedAt === undefined ? {} : { startedAt: instantOf(startedAt) };
      const data = { ...changes, ...began, workId: params['work'] ?? '', ofPerson: ofPerson(principal) };
      return tickets.change(id, { type: 'CorrectWork', data }, context);
    },
  });

  registerTicketChange(app, deps, {
    method: 'DELETE',
    path: '/work/:work',
    command: 'RemoveWork',
    summary: 'Take work off the record',
    description: 'The history keeps it. Agents remove their own.',
    params: WorkParams,
    refusals: ['WORK_NOT_FOUND'],
    change: ({ id, context, params, principal }) => {
      const data = { workId: params['work'] ?? '', ofPerson: ofPerson(principal) };
      return tickets.change(id, { type: 'RemoveWork', data }, context);
    },
  });
}
