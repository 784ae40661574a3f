import type { RouteOptions } from 'fastify';
import { commonRefusals } from '#contracts/api/problem.ts';

/** Where @fastify/swagger-ui mounts its own routes, which are files and have no schemas. */
export const docsPrefix = '/docs';

/**
 * What every route must have when it is registered: who may use it, a schema of its answer (nothing leaves that is not
 * in it), and a summary for the reference. Adds the refusals that any route may give. Throws on a route that lacks one.
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
  if (route.config.session && route.method !== 'GET' && route.method !== 'HEAD') {
    throw new Error(`route ${name} changes something and must not take the session cookie`);
  }
  route.schema.response = { ...commonRefusals, ...route.schema.response };
}
