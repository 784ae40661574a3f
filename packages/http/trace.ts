import { randomBytes } from 'node:crypto';
import type { RawRequestDefaultExpression } from 'fastify';

const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;
const none = '0'.repeat(32);

/** Trace id of a request: that of the caller's `traceparent` (W3C Trace Context), else a new one. 32 hex digits. */
export function traceIdOf(request: RawRequestDefaultExpression): string {
  const header = request.headers['traceparent'];
  const given = typeof header === 'string' ? traceparent.exec(header)?.[1] : undefined;
  return given === undefined || given === none ? randomBytes(16).toString('hex') : given;
}
