import type { DeliveryResult, RefusedRecipient } from './delivery.ts';
import { cleanLine } from './plain-text.ts';
import type { SmtpAccount } from './smtp-account.ts';
import { SmtpSetupError } from './smtp-connection.ts';

/** The parts of nodemailer's errors that count here. Their `code` hides the one of the system. */
export type SmtpError = {
  readonly code?: unknown;
  readonly command?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
  readonly recipient?: unknown;
};

export const maxReason = 500;
/** Errors of nodemailer about the message itself, before the server was asked: no valid envelope, or longer than SIZE. */
const ownRefusals: ReadonlySet<unknown> = new Set(['EENVELOPE', 'EMESSAGE']);
/** Refusals that only mean that the desk should have logged in, or by TLS (RFC 4954 6, RFC 3207 4): set up wrongly. */
const setUpWrongly: ReadonlySet<unknown> = new Set([530, 534, 535, 538]);

export const detailsOf = (error: unknown): SmtpError => (typeof error === 'object' && error !== null ? error : {});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What the server said, or else what went wrong on the way to it. */
const saidIn = (error: unknown): string => {
  const { response } = detailsOf(error);
  return typeof response === 'string' ? response : messageOf(error);
};

/** Permanent is only what a server answered with 5yz (RFC 5321 4.2.1) to this message, or what is no message at all. */
function kindOf(error: unknown): 'permanent' | 'temporary' {
  const { code, command, responseCode } = detailsOf(error);
  if (typeof responseCode !== 'number') return ownRefusals.has(code) ? 'permanent' : 'temporary';
  // A refused login or greeting says nothing about the message: the operator can mend that.
  const aboutMessage = ['MAIL FROM', 'RCPT TO', 'DATA'].includes(String(command));
  return responseCode >= 500 && aboutMessage && !setUpWrongly.has(responseCode) ? 'permanent' : 'temporary';
}

/** What became of a mail that was not taken, in words for agents and operators. Holds no secret. */
export function failureOf(error: unknown, account: SmtpAccount): Extract<DeliveryResult, { delivered: false }> {
  return { delivered: false, kind: kindOf(error), reason: cleanLine(explained(error, account), maxReason) };
}

function explained(error: unknown, { host, port }: SmtpAccount): string {
  const server = `the mail server ${host}:${port}`;
  const said = saidIn(error);
  const { code, command, responseCode, response } = detailsOf(error);
  if (error instanceof SmtpSetupError) return `The mail cannot be handed over: ${said}.`;
  if (code === 'EAUTH') return `The login is refused by ${server}: ${said}`;
  if (command === 'STARTTLS') return `STARTTLS is required and not to be had from ${server}: ${said}`;
  if (response === undefined && /certificate|altnames/i.test(said))
    return `The certificate of ${server} is not trusted: ${said.split(';')[0]}. SMTP_CA_FILE can name who signed it.`;
  if (responseCode === undefined && /^(Timeout|Connection timeout|Greeting never received)$/.test(said))
    return `No answer in time from ${server}.`;
  if (responseCode === undefined && /closed unexpectedly/.test(said))
    return `The connection to ${server} ended before it said that it has the mail.`;
  return said;
}

/** The recipients that were refused while others were not. `errors` is nodemailer's list, one for each. */
export const refusedRecipients = (errors: readonly unknown[]): RefusedRecipient[] =>
  errors.map((error) => ({
    address: String(detailsOf(error).recipient),
    kind: kindOf(error),
    reason: cleanLine(saidIn(error), maxReason),
  }));
