import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { type SmtpVariables, smtpAccount } from '#packages/mail/smtp-account.ts';
import { createSmtpDelivery } from '#packages/mail/smtp-delivery.ts';
import { log } from './read-models.ts';

type Answer = { readonly code: number; readonly text: string };

/** Password of every user. */
export const smtpPassword = 'pass/word: 100%';
const refusal = ({ code, text }: Answer) => Object.assign(new Error(text), { responseCode: code });

/**
 * A mail server for tests. What it accepts is kept; `answers` are given to the next messages in turn, in place of 250, and
 * those of `recipients` to the next mails for an address. Its caller closes it.
 */
export async function openSmtpPeer(options: SMTPServerOptions = {}) {
  const accepted: { readonly from: string; readonly to: readonly string[]; readonly raw: string }[] = [];
  const answers: Answer[] = [];
  const recipients = new Map<string, Answer[]>();
  const logins: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onAuth({ accessToken, method, password, username }, _session, done) {
      const right = method === 'XOAUTH2' ? accessToken === 'token-1' : password === smtpPassword;
      logins.push(`${method} ${username} ${right}`);
      done(right ? null : new Error('Bad user or password'), right ? { user: username } : undefined);
    },
    onRcptTo({ address }, _session, done) {
      const answer = recipients.get(address)?.shift();
      done(answer && refusal(answer));
    },
    onData(stream, { envelope }, done) {
      buffer(stream).then((content) => {
        const answer = answers.shift();
        if (answer) return done(refusal(answer));
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        accepted.push({ from, to: envelope.rcptTo.map(({ address }) => address), raw: content.toString() });
        done();
      }, done);
    },
    ...options,
  });
  // A client that does not trust the certificate.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => server.close(resolve));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, port, accepted, answers, recipients, logins, close };
}

/** The same; it ends with the test. */
export async function startSmtpPeer(options: SMTPServerOptions = {}) {
  const peer = await openSmtpPeer(options);
  onTestFinished(peer.close);
  return peer;
}

/** A delivery as the variables describe it. */
export function deliveryBy(
  variables: SmtpVariables,
  limits: Parameters<typeof createSmtpDelivery>[0]['limits'] = {},
  logger = log,
) {
  const account = smtpAccount(variables);
  if (!account) throw new Error('no SMTP_URL');
  return createSmtpDelivery({ account, limits, log: logger });
}
