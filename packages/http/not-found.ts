import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { AppError } from '#packages/kernel/errors.ts';

/** Route pattern as expression: `/v1/tickets/:id` matches one segment per parameter, `*` the rest. */
function expressionOf(pattern: string): RegExp {
  const source = pattern
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : RegExp.escape(segment).replace('\\*', '.*')))
    .join('/');
  return new RegExp(`^${source}$`);
}

/**
 * Tells a wrong method from a wrong path, which Fastify's router does not: `learn` hears of every route, `refuse` throws
 * METHOD_NOT_ALLOWED with Allow (RFC 9110, 15.5.6) or NOT_FOUND.
 */
export function createNotFound() {
  const methodsByPattern = new Map<string, { matches: RegExp; methods: Set<string> }>();

  return {
    learn({ url, method }: RouteOptions): void {
      const entry = methodsByPattern.get(url) ?? { matches: expressionOf(url), methods: new Set() };
      for (const each of [method].flat()) entry.methods.add(each);
      methodsByPattern.set(url, entry);
    },
    refuse(request: FastifyRequest, reply: FastifyReply): never {
      const [path = ''] = request.url.split('?');
      const allowed = new Set<string>();
      for (const { matches, methods } of methodsByPattern.values()) {
        if (matches.test(path)) for (const method of methods) allowed.add(method);
      }
      if (allowed.size === 0) throw new AppError('NOT_FOUND', { detail: 'There is nothing at this path.' });
      const allow = [...allowed].toSorted().join(', ');
      reply.header('allow', allow);
      throw new AppError('METHOD_NOT_ALLOWED', { detail: `This path supports ${allow}.` });
    },
  };
}
