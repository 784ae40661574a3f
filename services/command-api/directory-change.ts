import type { Static, TSchema } from 'typebox';
import { Changed, ticketChangeHeaders } from '#contracts/api/common.ts';
import { CompanyParams } from '#contracts/api/companies.ts';
import { PersonParams } from '#contracts/api/directory.ts';
import { refusals } from '#contracts/api/problem.ts';
import type { Role } from '#contracts/primitives.ts';
import type { ProblemCode } from '#contracts/problems.ts';
import type { CommandContext, Outcome } from '#packages/commands/context.ts';
import { type Principal, principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { changed, ticketChangeContext } from './command-context.ts';
import type { CommandApiDeps } from './deps.ts';
import { personOf } from './facts.ts';
import { agents } from './ticket-change.ts';

const kinds = {
  people: { param: 'person', params: PersonParams, refusals: ['UNKNOWN_PERSON', 'PERSON_MERGED'] },
  companies: { param: 'company', params: CompanyParams, refusals: ['UNKNOWN_COMPANY', 'COMPANY_MERGED'] },
} as const satisfies Record<string, { param: string; params: TSchema; refusals: readonly ProblemCode[] }>;

export type DirectoryChange<Body extends TSchema> = {
  readonly kind: keyof typeof kinds;
  readonly method: 'PUT' | 'POST' | 'DELETE';
  /** Below the person or company. */
  readonly path: string;
  readonly commands: readonly string[];
  /** Default: agents, supervisors, admins. */
  readonly access?: readonly Role[];
  readonly summary: string;
  readonly description?: string;
  readonly body?: Body;
  /** Refusals beyond those of every change. */
  readonly refusals?: readonly ProblemCode[];
  change(request: {
    readonly id: string;
    readonly body: Static<Body>;
    readonly principal: Principal;
    readonly context: CommandContext;
  }): Promise<Outcome>;
};

/**
 * Agents look after customers, and after what is said of themselves; those who have other roles are for supervisors and
 * admins. Throws FORBIDDEN.
 */
export async function refuseStaff({ store }: CommandApiDeps, personId: string, principal: Principal): Promise<void> {
  if (principal.role !== 'agent' || personId === principal.personId) return;
  const { roles } = await personOf(store, personId);
  if (roles.every((role) => role === 'customer')) return;
  throw new AppError('FORBIDDEN', { detail: 'Agents may change customers and themselves.' });
}

/** Mounts one change of a person or a company; it must name the version that was seen, as changes of tickets do. */
export function registerDirectoryChange<Body extends TSchema>(
  app: HttpServer,
  deps: CommandApiDeps,
  { access = agents, body, change, commands, kind, ...route }: DirectoryChange<Body>,
): void {
  const { param, params, refusals: common } = kinds[kind];
  app.route({
    method: route.method,
    url: `/v1/${kind}/:${param}${route.path}`,
    config: { access, commands },
    schema: {
      summary: route.summary,
      ...(route.description !== undefined && { description: route.description }),
      tags: ['directory'],
      headers: ticketChangeHeaders,
      params,
      ...(body && { body }),
      response: {
        200: Changed,
        ...refusals(
          ...common,
          'VERSION_CONFLICT',
          'PRECONDITION_REQUIRED',
          'IDEMPOTENCY_KEY_REUSED',
          ...(route.refusals ?? []),
        ),
      },
    },
    handler: async (request, reply) => {
      // Validated by the very schemas that the types come from; the route is generic in them.
      const id = (request.params as Readonly<Record<string, string>>)[param] ?? '';
      const context = ticketChangeContext(request);
      const principal = principalOf(request);
      if (kind === 'people') await refuseStaff(deps, id, principal);
      return changed(reply, await change({ id, body: request.body as Static<Body>, principal, context }));
    },
  });
}
