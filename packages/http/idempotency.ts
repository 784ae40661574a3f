import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { FastifyRequest } from 'fastify';
import { AppError } from '#packages/kernel/errors.ts';
import { idFrom, newId } from '#packages/kernel/ids.ts';

const keyPattern = /^[\x21-\x7e]{1,255}$/;

export type CommandIdentity = { readonly commandId: string; readonly fingerprint: string };

/**
 * Identity of the command a request carries (draft-ietf-httpapi-idempotency-key-header). The same key of the same person
 * on the same resource gives the same command id, which the event log recognises; the fingerprint of the body tells an
 * honest retry from a reused key. Without a key every request is a new command. Throws INVALID_REQUEST for an odd key.
 */
export function commandIdentity(request: FastifyRequest, personId: string): CommandIdentity {
  const key = request.headers['idempotency-key'];
  if (key !== undefined && (typeof key !== 'string' || !keyPattern.test(key))) {
    throw new AppError('INVALID_REQUEST', {
      detail: 'The Idempotency-Key cannot be used.',
      fields: [{ pointer: 'Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters' }],
    });
  }
  const [path = ''] = request.url.split('?');
  return {
    commandId: key === undefined ? newId() : idFrom('http', personId, request.method, path, key),
    fingerprint: createHash('sha256')
      .update(canonicalize(request.body) ?? '')
      .digest('hex'),
  };
}
