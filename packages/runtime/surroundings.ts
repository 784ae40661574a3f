import { isAppError } from '#packages/kernel/errors.ts';
import { BusDriftError } from '#packages/message-bus/nats/declare.ts';
import { BusUnreachableError } from '#packages/message-bus/nats/link.ts';
import { isConnectionError, isRefusedLogin } from '#packages/postgres/errors.ts';
import { PostgresChildError } from '#packages/postgres-child/errors.ts';

type SystemError = Error & {
  readonly code: string;
  readonly path?: string;
  readonly address?: string;
  readonly port?: number;
};

const sentences: Readonly<Record<string, (error: SystemError) => string>> = {
  EADDRINUSE: ({ address, port }) =>
    `${address ?? 'the address'}:${port ?? ''} is in use by another program: stop it, or move the desk with HTTP_PORT or SMTP_PORT`,
  EADDRNOTAVAIL: ({ address }) =>
    `${address ?? 'the address'} is not an address of this machine: see HTTP_HOST and SMTP_HOST`,
  EACCES: ({ path, port }) =>
    port === undefined
      ? `no permission for ${path ?? 'a file'}`
      : `no permission to listen on port ${port}: choose one above 1023`,
  EROFS: ({ path }) => `${path ?? 'the file system'} is read-only: set DATA_DIR to another directory`,
  ENOSPC: () => 'no space left on the disk of DATA_DIR',
};

/** One line for the operator when the surroundings are at fault (port, directory, database); null for anything else. */
export function surroundingsMessage(error: unknown): string | null {
  if (error instanceof PostgresChildError || error instanceof BusDriftError) return error.message;
  if (isAppError(error) && error.cause instanceof BusUnreachableError) return `${error.cause.message}; check NATS_URL`;
  const cause = isAppError(error) && error.cause instanceof Error ? error.cause : error;
  if (isConnectionError(cause) || isRefusedLogin(cause))
    return `the database cannot be used: ${cause instanceof Error ? cause.message : String(cause)}; check DATABASE_URL`;
  if (isAppError(error, 'STORE_UNAVAILABLE') && cause instanceof Error)
    return `the event log cannot be used: ${oneLine(cause.message)}; check EVENTSTORE_URL`;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return sentences[error.code]?.(error as SystemError) ?? null;
}

/** Messages of gRPC and OpenSSL have line breaks, and end with a note that is mostly empty. */
const oneLine = (message: string): string =>
  message
    .replaceAll(/\s+/g, ' ')
    .replace(/\.? Resolution note: ?$/, '')
    .replace(/[. ]+$/, '');
