import type { FastifyInstance, RouteOptions } from 'fastify';
import { commonCodes } from '#contracts/api/problem.ts';
import { type ProblemCode, problems } from '#contracts/problems.ts';
import type { HttpServer } from '#packages/http/instance.ts';

const isCommon = (code: string): boolean => commonCodes.has(code as ProblemCode) || !Object.hasOwn(problems, code);

/** Codes that a route says it refuses with, from the words that `refusals()` made of them. */
export const refusalsOf = ({ schema }: Pick<RouteOptions, 'schema'>): string[] =>
  Object.values((schema?.response ?? {}) as Record<string, { readonly description?: string }>).flatMap(
    ({ description }) =>
      [...(description ?? '').matchAll(/\b([A-Z][A-Z_]+): /g)].flatMap(([, code]) =>
        code !== undefined && Object.hasOwn(problems, code) ? [code] : [],
      ),
  );

/**
 * Watches the answers of a server: the function returned throws when a route has refused with a code that its schema,
 * and so the reference and docs/domain.md, does not name. Call this before the routes are registered.
 */
export function watchRefusals(app: HttpServer): () => void {
  const undeclared = new Set<string>();
  (app as unknown as FastifyInstance).addHook('onSend', async (request, reply, payload) => {
    if (!String(reply.getHeader('content-type')).startsWith('application/problem+json')) return payload;
    const { code } = JSON.parse(String(payload)) as { code: string };
    const { method, url } = request.routeOptions;
    if (url?.startsWith('/v1/') && !isCommon(code) && !refusalsOf(request.routeOptions).includes(code))
      undeclared.add(`${String(method)} ${url}: ${code}`);
    return payload;
  });
  return () => {
    if (undeclared.size > 0) throw new Error(`refusals that no schema names: ${[...undeclared].join('; ')}`);
  };
}
