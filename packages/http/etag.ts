import type { FastifyRequest } from 'fastify';
import { AppError } from '#packages/kernel/errors.ts';

/** Strong entity tag of a stream version (RFC 9110, 8.8.3). */
export const etagOf = (version: number): string => `"${version}"`;

const strongTag = /^"([1-9][0-9]{0,9})"$/;

/**
 * Version that the caller saw, from If-Match: `"7"` is 7, `*` is undefined (any version, but the resource must exist).
 * Throws PRECONDITION_REQUIRED (RFC 6585, 3) when the header is missing and INVALID_REQUEST when it is anything else;
 * weak tags and lists are refused, because neither names one version.
 */
export function expectedVersion(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match']?.trim();
  if (header === undefined || header === '') {
    throw new AppError('PRECONDITION_REQUIRED', {
      detail: 'Send the ETag of what you change, as you saw it, in If-Match.',
      fields: [{ pointer: 'If-Match', detail: 'is required' }],
    });
  }
  if (header === '*') return undefined;
  const version = strongTag.exec(header)?.[1];
  if (version === undefined) {
    throw new AppError('INVALID_REQUEST', {
      detail: 'If-Match must be one strong entity tag.',
      fields: [{ pointer: 'If-Match', detail: 'must be one strong entity tag like "7", or *' }],
    });
  }
  return Number(version);
}

/** True when If-None-Match names this tag, by weak comparison (RFC 9110, 13.1.2): answer 304. */
export function isNotModified(request: FastifyRequest, etag: string): boolean {
  const header = request.headers['if-none-match'];
  if (header === undefined) return false;
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
