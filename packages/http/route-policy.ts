import type { RouteOptions } from 'fastify';
import { commonRefusals } from '#contracts/api/problem.ts';

/** Where @fastify/swagger-ui mounts its own routes, which are files and have no schemas. */
export const docsPrefix = '/docs';

/**
 * What every route must have when it is registered: who may use it, a schema of its answer (nothing leaves that is not
 * in it), a summary for the reference, and the commands it sends if it changes something. Adds the refusals that any route may give. Throws on a route that lacks one.
 */
export function enforceRoutePolicy(route: RouteOptions): void {
  if (route.url.startsWith(docsPrefix)) {
    route.config = { ...route.config, access: 'public' };
    return;
  }
  const name = `${String(route.method)} ${route.url}`;
  if (route.config?.access === undefined) throw new Error(`route ${name} does not say who may use it (config.access)`);
  if (!route.schema?.response) throw new Error(`route ${name} has no response schema`);
  if (!route.schema.hide && !route.schema.summary) throw new Error(`route ${name} has no summary`);
  const reads = route.method === 'GET' || route.method === 'HEAD';
  if (route.config.session && !reads) {
    throw new Error(`route ${name} changes something and must not take the session cookie`);
  }
  if (!reads && route.url.startsWith('/v1/') && route.config.commands === undefined)
    throw new Error(`route ${name} does not name its commands (config.commands; none is [])`);
  route.schema.response = { ...commonRefusals, ...route.schema.response };
}
