import { onTestFinished } from 'vitest';
import { sleep } from '#packages/kernel/retry.ts';
import type { ImapAccount } from '#packages/mail/imap-account.ts';
import { connectImap } from '#packages/mail/imap-connection.ts';
import { type ImapFolder, openImapFolder } from '#packages/mail/imap-folder.ts';
import { type ImapOptions, startImapIntake } from '#services/email-ingest/imap.ts';
import { type Dovecot, password } from './dovecot.ts';
import { type MailDesk, until } from './mail-desk.ts';
import { log } from './read-models.ts';

/** Long enough never to come about in a test: what happens then was not polling. */
export const never = 3_600_000;

export const accountOn = (server: Dovecot, more: Partial<ImapAccount> = {}): ImapAccount => ({
  mailboxId: 'support',
  host: '127.0.0.1',
  port: server.ports.plain,
  security: 'none',
  user: 'support',
  login: { password },
  folder: 'INBOX',
  afterwards: 'flag',
  ...more,
});

export const backoff = { minMs: 20, maxMs: 100 };
export const maxBytes = 2 * 1024 * 1024;

/** The IMAP intake alone; it stops with the test at the latest. */
export function startIntake(desk: MailDesk, options: ImapOptions) {
  const intake = startImapIntake({ ...desk.deps, maxBytes }, { backoff, ...options });
  onTestFinished(() => intake.stop());
  return intake;
}

/** The whole of email-ingest with mail accounts. */
export async function startIngest(desk: MailDesk, imap: ImapOptions): Promise<void> {
  Object.assign(desk.deps, { imap: { backoff, ...imap } });
  await desk.start('email-ingest');
}

/** Waits until that many mails were received, and a moment more for one too many to show. */
export async function received(desk: MailDesk, count: number) {
  await until(`${count} mails received`, async () => (await desk.events('InboundMailReceived')).length >= count);
  await sleep(200);
  return desk.events('InboundMailReceived');
}

/** A folder opened over a connection of its own for the time of `work`. */
export async function withFolder<T>(account: ImapAccount, work: (folder: ImapFolder) => Promise<T>): Promise<T> {
  const { signal } = new AbortController();
  const connection = await connectImap(account, { log, signal, onNews: () => undefined });
  try {
    return await work(await openImapFolder(account, connection));
  } finally {
    await connection.close();
  }
}
