import pg from 'pg';
import type { ProblemCode } from '#contracts/problems.ts';
import { AppError } from '#packages/kernel/errors.ts';

/** SQLSTATEs (PostgreSQL appendix A) that the desk reacts to by name. */
export const sqlState = {
  uniqueViolation: '23505',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
  undefinedTable: '42P01',
  insufficientPrivilege: '42501',
} as const;

/** Class 08 connection, 53 resources (disk full, too many clients), 57P shutdown and start-up. */
const awayStates = /^(08|53|57P)/;
const awayErrnos = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOENT'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
]);
const awayMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered|Client was closed|Cannot use a pool after)/;
const timeoutMessages = /^Query read timeout/;

const codeOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
};

export const isSqlState = (error: unknown, state: string): boolean =>
  error instanceof pg.DatabaseError && error.code === state;

/** True when the server or the way to it is gone, so that the same call may work later. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return awayStates.test(codeOf(error));
  if (!(error instanceof Error)) return false;
  // A socket that is not there, not a file.
  if (codeOf(error) === 'ENOENT' && !('syscall' in error && error.syscall === 'connect')) return false;
  return awayErrnos.has(codeOf(error)) || awayMessages.test(error.message);
}

/** Class 28 (wrong user or password) and 3D (no such database): the operator's configuration is at fault. */
export const isRefusedLogin = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(28|3D)/.test(codeOf(error));

/**
 * Translates what pg throws: a lost server to `away` (the caller's STORE_ or READ_MODEL_UNAVAILABLE), also one that lets us
 * in no more, which must not turn events into dead letters until that is mended; a time-out to TIMEOUT, a lost race to
 * `away` too because trying again is right; AppErrors pass, anything else is INTERNAL.
 */
export function translatePostgresError(error: unknown, away: ProblemCode): AppError {
  if (error instanceof AppError) return error;
  if (isConnectionError(error) || isRefusedLogin(error)) return new AppError(away, { cause: error });
  if (isSqlState(error, sqlState.serializationFailure) || isSqlState(error, sqlState.deadlockDetected))
    return new AppError(away, { cause: error });
  if (isSqlState(error, sqlState.queryCanceled) || (error instanceof Error && timeoutMessages.test(error.message)))
    return new AppError('TIMEOUT', { cause: error });
  return new AppError('INTERNAL', { cause: error });
}
