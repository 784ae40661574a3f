/** Why the embedded PostgreSQL could not be used; stable, for exit codes and tests. */
export type PostgresChildReason =
  | 'PLATFORM_UNSUPPORTED'
  | 'BINARIES_UNUSABLE'
  | 'DATA_DIR_UNUSABLE'
  | 'DATA_DIR_IN_USE'
  | 'NOT_A_CLUSTER'
  | 'FOREIGN_MAJOR'
  | 'INITDB_FAILED'
  | 'SERVER_STUCK'
  | 'START_FAILED'
  | 'ABORTED';

/** An operator's problem, not a caller's: the message is one line that says what to do and may be printed as it is. */
export class PostgresChildError extends Error {
  override readonly name = 'PostgresChildError';
  readonly reason: PostgresChildReason;

  constructor(reason: PostgresChildReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}

/** The `code` of a Node system error (`ENOENT`, …), or an empty text. */
export const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
