import { isAppError, isTransient } from '#packages/kernel/errors.ts';
import { BusDriftError } from '#packages/message-bus/nats/declare.ts';
import { BusUnreachableError } from '#packages/message-bus/nats/link.ts';
import { isConnectionError, isRefusedLogin, isSqlState, sqlState } from '#packages/postgres/errors.ts';
import { PostgresChildError } from '#packages/postgres-child/errors.ts';

type SystemError = Error & {
  readonly code: string;
  readonly path?: string;
  readonly address?: string;
  readonly port?: number;
};

const sentences: Readonly<Record<string, (error: SystemError) => string>> = {
  EADDRINUSE: ({ address, port }) =>
    `${address ?? 'the address'}:${port ?? ''} is in use by another program: stop it, or move this with HTTP_PORT, HEALTH_PORT or SMTP_PORT`,
  EADDRNOTAVAIL: ({ address }) =>
    `${address ?? 'the address'} is not an address of this machine: see HTTP_HOST and SMTP_HOST`,
  EACCES: ({ path, port }) =>
    port === undefined
      ? `no permission for ${path ?? 'a file'}`
      : `no permission to listen on port ${port}: choose one above 1023`,
  ENOTDIR: ({ path }) => `${path ?? 'a file'} is no directory: set DATA_DIR to another one`,
  EEXIST: ({ path }) => `${path ?? 'a file'} is no directory: set DATA_DIR to another one`,
  ENOENT: ({ path }) => `${path ?? 'a directory'} cannot be made: set DATA_DIR to another one`,
  EROFS: ({ path }) => `${path ?? 'the file system'} is read-only: set DATA_DIR to another directory`,
  ENOSPC: () => 'no space left on the disk of DATA_DIR',
};

/** What is told when a system call fails, by its code. */
const sentenceFor = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? (sentences[error.code]?.(error as SystemError) ?? null)
    : null;

/**
 * True when a server is away that may come (back) by itself: worth waiting for. A refused login, a missing database and a
 * directory that cannot be used are for an operator to mend.
 */
export function isAway(error: unknown): boolean {
  if (isAppError(error, 'BLOB_STORE_UNAVAILABLE') || isRefusedLogin(causeOf(error))) return false;
  return isConnectionError(error) || isTransient(error);
}

const causeOf = (error: unknown): unknown => (isAppError(error) && error.cause instanceof Error ? error.cause : error);

/** One line for the operator when the surroundings are at fault (port, directory, database); null for anything else. */
export function surroundingsMessage(error: unknown): string | null {
  if (error instanceof PostgresChildError || error instanceof BusDriftError) return error.message;
  if (isAppError(error) && error.cause instanceof BusUnreachableError) return `${error.cause.message}; check NATS_URL`;
  const cause = causeOf(error);
  if (isAppError(error, 'BLOB_STORE_UNAVAILABLE') && cause instanceof Error)
    return sentenceFor(cause) ?? `the files below DATA_DIR cannot be used: ${cause.message}`;
  if (isConnectionError(cause) || isRefusedLogin(cause))
    return `the database cannot be used: ${cause instanceof Error ? cause.message : String(cause)}; check DATABASE_URL`;
  if (cause instanceof Error && isSqlState(cause, sqlState.insufficientPrivilege))
    return `the database refuses: ${cause.message}; run desk migrate and infra/postgres/grants.sql with the role that owns the tables`;
  if (isAppError(error, 'STORE_UNAVAILABLE') && cause instanceof Error)
    return `the event log cannot be used: ${oneLine(cause.message)}; check EVENTSTORE_URL`;
  return sentenceFor(cause);
}

/** Messages of gRPC and OpenSSL have line breaks, and end with a note that is mostly empty. */
const oneLine = (message: string): string =>
  message
    .replaceAll(/\s+/g, ' ')
    .replace(/\.? Resolution note: ?$/, '')
    .replace(/[. ]+$/, '');
