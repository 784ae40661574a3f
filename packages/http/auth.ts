import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Role } from '#contracts/primitives.ts';
import type { Clock } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';

/** Who a request comes from. The role is that of the token, which may be less than the person could have. */
export type Principal = {
  /** Who goes on for the holder of the token, if they were merged into somebody. */
  readonly personId: string;
  readonly role: Role;
  readonly tokenId: string;
  /** Ids of everybody who was merged into them; left out: nobody. */
  readonly formerIds?: readonly string[];
};

/** All ids that somebody goes by. */
export const idsOf = ({ formerIds = [], personId }: Pick<Principal, 'formerIds' | 'personId'>): readonly string[] => [
  personId,
  ...formerIds,
];

/** True for an id of theirs. */
export const isThem = (principal: Pick<Principal, 'formerIds' | 'personId'>, id: string | null): boolean =>
  id !== null && idsOf(principal).includes(id);

export type TokenRecord = Principal & { readonly expiresAt: Date | null; readonly revokedAt: Date | null };

/** Finds a token by the SHA-256 (hex) of its text, null for none. The text itself is never stored nor logged. */
export type FindToken = (hash: string) => Promise<TokenRecord | null>;

/** Who may use a route: everybody, or holders of a token with one of these roles. */
export type Access = 'public' | readonly Role[];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route must say it; registering one that does not fails. */
    access?: Access;
    /** The commands that the route sends, for docs/domain.md; a route that changes something must name them. */
    commands?: readonly string[];
    /** The session cookie counts as well: for pages that only show, never for anything that changes the desk. */
    session?: boolean;
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
}

export const sessionCookie = 'desk_session';

const bearer = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i;
/** A revoked token works on for at most this long. */
const cacheMs = 5_000;
const maxCached = 10_000;

export type Authenticate = (token: string) => Promise<Principal | null>;

/**
 * Turns token text into the principal, null for a token that is foreign, expired or revoked: callers cannot tell which.
 * Good tokens are remembered for a few seconds; bad ones are not, so that a token works as soon as it is known.
 */
export function createAuthenticate({ findToken, clock }: { findToken: FindToken; clock: Clock }): Authenticate {
  const cache = new Map<string, { record: TokenRecord; until: number }>();

  const find = async (hash: string, now: number): Promise<TokenRecord | null> => {
    const cached = cache.get(hash);
    if (cached && cached.until > now) return cached.record;
    cache.delete(hash);
    const record = await findToken(hash);
    if (record === null) return null;
    if (cache.size >= maxCached) cache.clear();
    cache.set(hash, { record, until: now + cacheMs });
    return record;
  };

  return async (token) => {
    const now = clock.now().epochMilliseconds;
    const record = await find(createHash('sha256').update(token).digest('hex'), now);
    if (record === null || record.revokedAt !== null) return null;
    if (record.expiresAt !== null && record.expiresAt.getTime() <= now) return null;
    const { formerIds, personId, role, tokenId } = record;
    return { personId, role, tokenId, ...(formerIds && { formerIds }) };
  };
}

/** The token a request brings, null for none. Tokens in URLs are not looked at: URLs end up in logs and histories. */
function tokenOf(request: FastifyRequest): string | null {
  const { authorization } = request.headers;
  if (authorization !== undefined) return bearer.exec(authorization)?.[1] ?? '';
  return request.routeOptions.config.session ? (request.cookies[sessionCookie] ?? null) : null;
}

/**
 * Hook that lets a request through only when its route is public or its token has one of the route's roles. On public
 * routes with `session` a good token is recognised too. Throws UNAUTHENTICATED (with WWW-Authenticate, RFC 6750) and FORBIDDEN.
 */
export function requireAccess(authenticate: Authenticate) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { access = [], session } = request.routeOptions.config;
    if (request.is404 || (access === 'public' && !session)) return;
    const token = tokenOf(request);
    request.principal = token ? await authenticate(token) : null;
    if (access === 'public') return;
    if (request.principal === null) {
      const challenge = 'Bearer realm="deskledger"';
      reply.header('www-authenticate', token === null ? challenge : `${challenge}, error="invalid_token"`);
      throw new AppError('UNAUTHENTICATED');
    }
    if (!access.includes(request.principal.role)) {
      throw new AppError('FORBIDDEN', { detail: `A token of role ${request.principal.role} may not do that.` });
    }
  };
}

/** The principal of a request on a route that is not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new AppError('UNAUTHENTICATED');
  return request.principal;
}
