import { cleanLine } from './plain-text.ts';

/** connection: try again later on a fresh one. login, server: a person has to mend something. message: this one mail. */
export type ImapFault = 'connection' | 'login' | 'message' | 'server';

/** Trouble with a mail account. The message is one line for the operator and holds no secret. */
export class ImapError extends Error {
  override readonly name = 'ImapError';
  readonly fault: ImapFault;

  constructor(fault: ImapFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.fault = fault;
  }
}

const maxText = 300;

/** What imapflow threw, in words for the operator. */
export function imapError(error: unknown, fault: ImapFault): ImapError {
  if (error instanceof ImapError) return error;
  const { authenticationFailed, responseText } = detailsOf(error);
  const said = typeof responseText === 'string' ? responseText : error instanceof Error ? error.message : String(error);
  const text = cleanLine(said, maxText);
  // The cause is left out: imapflow's errors carry the command that failed, and that may be LOGIN.
  if (authenticationFailed === true) return new ImapError('login', `the server refuses the login: ${text}`);
  return new ImapError(fault, text);
}

const detailsOf = (error: unknown): { authenticationFailed?: unknown; responseText?: unknown } =>
  typeof error === 'object' && error !== null ? error : {};
