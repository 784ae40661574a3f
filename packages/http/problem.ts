import type { FastifyError } from 'fastify';
import type { Problem } from '#contracts/api/problem.ts';
import { type ProblemCode, problems } from '#contracts/problems.ts';
import { AppError, isTransient } from '#packages/kernel/errors.ts';
import { etagOf } from './etag.ts';

export const problemMediaType = 'application/problem+json; charset=utf-8';

/** What Fastify itself refuses, by its error code. */
const fastifyCodes: Readonly<Record<string, { code: ProblemCode; detail: string }>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'INVALID_JSON', detail: 'The body could not be parsed as JSON.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'INVALID_JSON', detail: 'A JSON body is needed and there was none.' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'PAYLOAD_TOO_LARGE', detail: 'The body is larger than this resource takes.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    detail: 'This resource does not take that Content-Type.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'INVALID_REQUEST',
    detail: 'The length of the body is not the Content-Length.',
  },
  FST_ERR_BAD_URL: { code: 'INVALID_REQUEST', detail: 'The path is not valid percent-encoding.' },
  FST_ERR_HANDLER_TIMEOUT: { code: 'TIMEOUT', detail: 'The answer took too long; it may or may not have been done.' },
};

const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string';

/**
 * Any thrown thing as AppError: our own pass, Fastify's refusals are translated, everything else becomes INTERNAL with
 * the original as cause, for the log alone.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!isFastifyError(error)) return new AppError('INTERNAL', { cause: error });
  const known = fastifyCodes[error.code];
  if (known) return new AppError(known.code, { detail: known.detail, cause: error });
  const refused = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
  return new AppError(refused ? 'INVALID_REQUEST' : 'INTERNAL', { cause: error });
}

/** RFC 9457 document of an error. Only what AppError holds for the caller goes in, never its cause. */
export function problemOf(error: AppError, traceId: string): Problem {
  const { status, title } = problems[error.code];
  return {
    ...error.extra,
    type: `urn:deskledger:problem:${error.code}`,
    title,
    status,
    detail: error.code === 'INTERNAL' ? title : error.message,
    code: error.code,
    ...(error.fields.length > 0 && { errors: error.fields.map(({ pointer, detail }) => ({ pointer, detail })) }),
    traceId,
  };
}

/** Headers that belong to a refusal. */
export function headersOf(error: AppError): Readonly<Record<string, string>> {
  const { code, extra } = error;
  // What is left of the body of a refused upload would be read to its end just to keep the connection.
  if (code === 'PAYLOAD_TOO_LARGE') return { connection: 'close' };
  if (code === 'VERSION_CONFLICT' && typeof extra['actual'] === 'number') return { etag: etagOf(extra['actual']) };
  if (isTransient(error)) return { 'retry-after': '1' };
  return {};
}
