import type { FastifyReply, FastifyRequest } from 'fastify';

/** Nothing may be loaded, run or framed: right for JSON, and for any answer that a browser might show by mistake. */
const dataPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Our own pages: own style sheet and forms, no script at all. */
export const pagePolicy =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/** Files that others sent: shown in a sandbox, if ever, with an origin of their own. */
export const filePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";

/** Hook with the headers of every answer; a route may set a policy of its own. Answers hold personal data: no caching. */
export async function securityHeaders(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.headers({
    'cache-control': 'no-store',
    'content-security-policy': dataPolicy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
}
