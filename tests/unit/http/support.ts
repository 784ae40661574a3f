import { createHash } from 'node:crypto';
import { pino } from 'pino';
import type { Role } from '#contracts/primitives.ts';
import { createAuthenticate, type TokenRecord } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { createHttpServer, type HttpServerOptions } from '#packages/http/server.ts';
import { createTestClock } from '#tests/support/clock.ts';

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Tokens named by their role: `Bearer agent` is an agent. Records may be changed by the test. */
export function createTokens() {
  const records = new Map<string, TokenRecord>();
  const add = (token: string, role: Role, more: Partial<TokenRecord> = {}) =>
    records.set(hashOf(token), {
      personId: `person-of-${token}`,
      tokenId: `id-of-${token}`,
      role,
      expiresAt: null,
      revokedAt: null,
      ...more,
    });
  for (const role of ['customer', 'agent', 'admin'] as const) add(role, role);
  return { records, add, find: async (hash: string) => records.get(hash) ?? null };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A server with the rules of the desk and no routes, and what it logged. */
export async function createTestServer(options: Partial<HttpServerOptions> = {}) {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const clock = createTestClock();
  const tokens = createTokens();
  const authenticate = createAuthenticate({ findToken: tokens.find, clock });
  const app: HttpServer = await createHttpServer({ log, authenticate, ...options });
  return { app, lines, tokens, clock };
}
