import type { FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import {
  AbsenceParams,
  AbsencePlanned,
  AgentParams,
  ChangeCapacity,
  ChangeSkills,
  ChangeWorkingHours,
  PlanAbsence,
} from '#contracts/api/agents.ts';
import { Changed, ticketChangeHeaders } from '#contracts/api/common.ts';
import { refusals } from '#contracts/api/problem.ts';
import { Strict } from '#contracts/primitives.ts';
import type { ProblemCode } from '#contracts/problems.ts';
import type { AgentCommand } from '#packages/domain/agent/commands.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { readInstant } from '#packages/http/moments.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { changed, ticketChangeContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';
import { agents as everyAgent } from '../ticket-change.ts';

const leaders = ['supervisor', 'admin'] as const;
const Nothing = Strict({});
const profileRefusals = [
  'UNKNOWN_AGENT',
  'VERSION_CONFLICT',
  'PRECONDITION_REQUIRED',
  'IDEMPOTENCY_KEY_REUSED',
] as const satisfies readonly ProblemCode[];
const common = { tags: ['directory'], headers: ticketChangeHeaders };

/** Agents plan their own absences; those of others are for supervisors and admins. */
function refuseOthers(request: FastifyRequest, agentId: string): void {
  const { personId, role } = principalOf(request);
  if (role === 'agent' && personId !== agentId)
    throw new AppError('FORBIDDEN', { detail: 'Agents plan their own absences only.' });
}

type ProfileChange<Body extends TSchema> = {
  readonly method: 'PUT' | 'DELETE';
  /** Below `/v1/agents/:agent`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly body?: Body;
  readonly refusals?: readonly ProblemCode[];
  readonly type: AgentCommand['type'];
  command(given: { body: Static<Body>; absenceId: string }): AgentCommand;
};

export function registerAgentCommands(app: HttpServer, { agents }: CommandApiDeps): void {
  const register = <Body extends TSchema = typeof Nothing>(route: ProfileChange<Body>): void => {
    const { body, command, description, method, path, refusals: codes = [], summary, type } = route;
    const ofAbsence = path.includes(':absence');
    app.route({
      method,
      url: `/v1/agents/:agent${path}`,
      config: { access: ofAbsence ? everyAgent : leaders, commands: [type] },
      schema: {
        ...common,
        summary,
        ...(description !== undefined && { description }),
        params: ofAbsence ? AbsenceParams : AgentParams,
        ...(body && { body }),
        response: { 200: Changed, ...refusals(...profileRefusals, ...codes) },
      },
      handler: async (request, reply) => {
        // Validated by the very schemas that the types come from; the route is generic in them.
        const { absence: absenceId = '', agent } = request.params as { agent: string; absence?: string };
        refuseOthers(request, agent);
        const given = { body: request.body as Static<Body>, absenceId };
        return changed(reply, await agents.change(agent, command(given), ticketChangeContext(request)));
      },
    });
  };

  register({
    method: 'PUT',
    path: '/skills',
    summary: 'Change the skills of an agent',
    description: 'Routing rules and services may want agents to have some.',
    body: ChangeSkills,
    type: 'ChangeSkills',
    command: ({ body }) => ({ type: 'ChangeSkills', data: body }),
  });
  register({
    method: 'PUT',
    path: '/working-hours',
    summary: 'Change the working hours of an agent',
    description: 'Outside of them routing passes the agent over; people may still hand them tickets.',
    body: ChangeWorkingHours,
    refusals: ['UNKNOWN_CALENDAR'],
    type: 'ChangeWorkingHours',
    command: ({ body }) => ({ type: 'ChangeWorkingHours', data: body }),
  });
  register({
    method: 'PUT',
    path: '/capacity',
    summary: 'Change how many open tickets an agent takes',
    description: 'With that many routing passes the agent over; people may still hand them tickets.',
    body: ChangeCapacity,
    type: 'ChangeCapacity',
    command: ({ body }) => ({ type: 'ChangeCapacity', data: body }),
  });
  register({
    method: 'DELETE',
    path: '/absences/:absence',
    summary: 'Cancel an absence',
    description: 'Also one that has begun, of somebody who is back earlier. Agents cancel their own.',
    refusals: ['ABSENCE_NOT_FOUND'],
    type: 'CancelAbsence',
    command: ({ absenceId }) => ({ type: 'CancelAbsence', data: { absenceId } }),
  });

  app.post(
    '/v1/agents/:agent/absences',
    {
      config: { access: everyAgent, commands: ['PlanAbsence'] },
      schema: {
        ...common,
        summary: 'Plan an absence',
        description:
          'Routing passes the agent over from the first instant up to the last; tickets that they have stay. Absences of ' +
          'one agent do not overlap. Agents plan their own.',
        params: AgentParams,
        body: PlanAbsence,
        response: { 201: AbsencePlanned, ...refusals(...profileRefusals, 'ABSENCE_INVALID') },
      },
    },
    async (request, reply) => {
      const { agent } = request.params;
      refuseOthers(request, agent);
      const { deputyId = null, from, reason = '', to } = request.body;
      const [begins, ends] = [readInstant(from, '/from'), readInstant(to, '/to')];
      const absence = { from: toTimestamp(begins), to: toTimestamp(ends), reason, deputyId };
      const done = await agents.planAbsence(agent, absence, ticketChangeContext(request));
      reply.code(201);
      return { id: done.absenceId, ...changed(reply, done) };
    },
  );
}
