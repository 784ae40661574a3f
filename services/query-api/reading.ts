import type { FastifyReply, FastifyRequest } from 'fastify';
import { readHeaders } from '#contracts/api/common.ts';
import type { Role } from '#contracts/primitives.ts';
import { readYourWrites } from '#packages/http/desk-position.ts';
import type { QueryApiDeps } from './deps.ts';

/** Which read models an answer is made of; by the names of their projections. */
export const projectionsOf = {
  tickets: ['tickets', 'timeline', 'conversation', 'ticket-links', 'people', 'companies', 'groups'],
  calls: ['people', 'companies', 'tickets', 'ticket-words'],
  directory: ['people', 'companies', 'groups', 'api-tokens'],
  agents: ['agents', 'agent-load', 'people', 'groups'],
  absent: ['agents', 'tickets', 'conversation', 'people', 'companies', 'groups'],
  settings: ['settings'],
  knowledge: ['articles', 'people'],
  suggestions: ['articles', 'ticket-words', 'tickets'],
  kpi: ['kpi', 'tickets', 'people', 'companies', 'groups'],
  work: ['work', 'tickets', 'people', 'companies'],
  tags: ['tags'],
  ratings: ['ratings', 'kpi', 'tickets', 'people', 'companies', 'groups'],
  mail: ['inbound-mail', 'outbound-mail', 'conversation'],
} as const;

/** Roles that see the whole desk. */
export const staff = ['agent', 'supervisor', 'admin', 'auditor'] as const satisfies readonly Role[];
/** Everybody who may see tickets; customers see their own. */
export const everybody = ['customer', ...staff, 'integrator'] as const satisfies readonly Role[];

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Route options of a read: it waits for Desk-Min-Position and tells the position that it reflects. */
export const reads = (
  { progress }: QueryApiDeps,
  models: keyof typeof projectionsOf,
): { preHandler: Hook; headers: typeof readHeaders } => ({
  preHandler: readYourWrites(progress, projectionsOf[models]),
  headers: readHeaders,
});
