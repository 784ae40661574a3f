import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { SmtpAccount } from './smtp-account.ts';

/** What has to be mended on this side before any mail can leave. The message is one line for the operator. */
export class SmtpSetupError extends Error {
  override readonly name = 'SmtpSetupError';
}

/**
 * A TCP connection to the server. Rejects with the error of the system, or with `signal`'s reason.
 * @param timeoutMs for the connection to come about
 * @param signal ends it, also later on, whatever is going on over it
 */
export async function connectSmtp(
  { host, port }: SmtpAccount,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connect({ host, port });
  const cut = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', cut, { once: true });
  socket.once('close', () => signal.removeEventListener('abort', cut));
  // Between two users of the socket an error would end the process; whoever uses it hears of its end by 'close'.
  socket.on('error', () => undefined);
  const late = () => socket.destroy(new Error('Timeout'));
  const connected = once(socket, 'connect');
  socket.setTimeout(timeoutMs, late);
  await connected;
  socket.off('timeout', late);
  return socket;
}

/** The part of nodemailer's options that comes from the account; secrets are read anew for each mail, so they can change. */
export async function accountOptions({ caFile, host, login, security }: SmtpAccount) {
  return {
    host,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: caFile === null ? {} : { ca: await contentOf(caFile, 'the certificate') },
    // Also when the server does not say that it knows logins: a mail that leaves without is not what was asked for.
    ...(login && { auth: await authOf(login), forceAuth: true }),
  };
}

async function authOf(login: NonNullable<SmtpAccount['login']>) {
  const { user } = login;
  if ('password' in login) return { user, pass: login.password };
  if ('passwordFile' in login) return { user, pass: await contentOf(login.passwordFile, 'the password') };
  return { type: 'OAuth2' as const, user, accessToken: await contentOf(login.accessTokenFile, 'the token') };
}

async function contentOf(path: string, what: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new SmtpSetupError(`${what} in ${path} cannot be read: ${code}`);
  }
  if (text === '') throw new SmtpSetupError(`${what} in ${path} is empty`);
  return text;
}
