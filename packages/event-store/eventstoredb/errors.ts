import { AppError, isAppError } from '#packages/kernel/errors.ts';

/** What the client throws: mostly its own classes with a `type`, sometimes a bare Error with a code, or without. */
type ClientError = Error & { readonly type?: unknown; readonly code?: unknown };

/** gRPC RESOURCE_EXHAUSTED: the message is larger than the server takes in at all. */
const resourceExhausted = 8;

/** The stream was tombstoned: nobody can write to it or read it again. Nothing in the desk does that. */
export class StreamGoneError extends Error {
  override readonly name = 'StreamGoneError';
}

export const isStreamNotFound = (error: unknown): boolean => typeOf(error) === 'stream-not-found';

/** Another node leads now. The client goes there with its next call. */
export const isNotLeader = (error: unknown): boolean => typeOf(error) === 'not-leader';

/** The server refused user or password: no use in asking again at once. */
export const isAccessDenied = (error: unknown): boolean =>
  error instanceof AppError && typeOf(error.cause) === 'access-denied';

/**
 * The error as the port names it. Whatever is not known to be final counts as `STORE_UNAVAILABLE`: a server that dies,
 * boots, changes its leader or cannot be found throws half a dozen kinds of error, some of them without type and code.
 */
export function translateEventStoreDbError(error: unknown): Error {
  if (isAppError(error) || error instanceof TypeError || error instanceof StreamGoneError) return error;
  const cause = error;
  switch (typeOf(error)) {
    case 'wrong-expected-version':
      return new AppError('VERSION_CONFLICT', { cause });
    case 'maximum-append-size-exceeded':
      return new AppError('EVENT_TOO_LARGE', { cause });
    case 'stream-deleted':
      return new StreamGoneError('the stream was tombstoned', { cause });
    case 'deadline-exceeded':
    case 'timeout':
      return new AppError('TIMEOUT', { cause });
    default:
      return (error as ClientError).code === resourceExhausted
        ? new AppError('EVENT_TOO_LARGE', { cause })
        : new AppError('STORE_UNAVAILABLE', { cause });
  }
}

function typeOf(error: unknown): unknown {
  return error instanceof Error ? (error as ClientError).type : undefined;
}
