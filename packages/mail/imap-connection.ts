import { readFile } from 'node:fs/promises';
import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import type { Logger } from 'pino';
import { withTimeout } from '#packages/kernel/retry.ts';
import { accountName, type ImapAccount } from './imap-account.ts';
import { ImapError, type ImapFault, imapError } from './imap-error.ts';
import { imapSecret } from './imap-login.ts';

/** In milliseconds. A command that gets no answer for `commandMs` ends the connection. */
const timeouts = { connectMs: 30_000, commandMs: 60_000, idleMs: 300_000, beforeIdleMs: 500, logoutMs: 2_000 };

export type ImapConnection = {
  readonly client: ImapFlow;
  /** Runs one command within its time. `what` is false where imapflow says that the server refused. */
  run<T>(what: string, command: (client: ImapFlow) => Promise<T>, fault?: ImapFault): Promise<Exclude<T, false>>;
  usable(): boolean;
  close(): Promise<void>;
};

/**
 * One connection with the account's folder open. imapflow idles on it by itself whenever nothing else is asked. An
 * instance never comes back from the dead, so the next try is a new one. There is one user of a connection, so it needs no
 * mailbox lock; a held lock would keep imapflow from idling.
 * @param onNews called when the server told of new mail or the connection ended: a hint to look, no more
 * @param signal ends the attempt to connect
 * @throws ImapError
 */
export async function connectImap(
  account: ImapAccount,
  options: { log: Logger; onNews: () => void; signal: AbortSignal; commandMs?: number | undefined },
): Promise<ImapConnection> {
  const { commandMs = timeouts.commandMs, log, onNews, signal } = options;
  const client = new ImapFlow(await clientOptions(account, commandMs));
  // Without a listener an error between two commands would end the process.
  client.on('error', (error) => log.debug({ err: imapError(error, 'connection') }, 'IMAP connection failed'));
  client.on('exists', onNews);
  client.on('close', onNews);

  const run: ImapConnection['run'] = async (what, command, fault = 'connection') => {
    try {
      const late = () => new ImapError('connection', `no answer to ${what} within ${commandMs / 1_000} s`);
      const result = await withTimeout(command(client), commandMs, late);
      if (result === false) throw new ImapError(fault, `the server refused ${what}`);
      return result as Exclude<typeof result, false>;
    } catch (error) {
      const failure = imapError(error, client.usable ? fault : 'connection');
      if (failure.fault === 'connection') client.close();
      throw failure;
    }
  };

  const giveUp = () => client.close();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await run('connect', (it) => it.connect());
    await run(`open ${account.folder}`, (it) => it.mailboxOpen(account.folder), 'server');
  } catch (error) {
    client.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  log.debug({ account: accountName(account) }, 'IMAP connected');
  return {
    client,
    run,
    usable: () => client.usable,
    async close() {
      const late = () => new ImapError('connection', 'no answer to LOGOUT');
      await withTimeout(client.logout(), timeouts.logoutMs, late).catch((error: unknown) =>
        log.debug({ err: imapError(error, 'connection') }, 'no farewell from the IMAP server'),
      );
      client.close();
    },
  };
}

async function clientOptions(
  { caFile, host, login, port, security, user }: ImapAccount,
  commandMs: number,
): Promise<ImapFlowOptions> {
  return {
    host,
    port,
    secure: security === 'tls',
    ...(security === 'tls' ? {} : { doSTARTTLS: security === 'starttls' }),
    ...(caFile === undefined ? {} : { tls: { ca: await authority(caFile) } }),
    auth: { user, ...(await imapSecret(login)) },
    // Its log holds what mails say.
    logger: false,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.connectMs,
    socketTimeout: commandMs,
    maxIdleTime: timeouts.idleMs,
    autoIdleDelay: timeouts.beforeIdleMs,
    maxLiteralSize: 64 * 1024 * 1024,
  };
}

async function authority(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new ImapError('server', `the certificate in ${path} cannot be read`, error);
  }
}
