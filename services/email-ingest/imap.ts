import { type Clock, toTimestamp } from '#packages/kernel/clock.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { startLoop } from '#packages/kernel/loop.ts';
import { accountName, type ImapAccount } from '#packages/mail/imap-account.ts';
import { connectImap, type ImapConnection } from '#packages/mail/imap-connection.ts';
import { ImapError } from '#packages/mail/imap-error.ts';
import { type ImapFolder, openImapFolder } from '#packages/mail/imap-folder.ts';
import type { Settings } from '#packages/settings/settings.ts';
import { createFailedMails } from './failed-mails.ts';
import { type TakeDeps, takeMail } from './imap-message.ts';

export type ImapOptions = {
  readonly accounts: readonly ImapAccount[];
  /** Time between two looks, whatever IDLE says. */
  readonly pollMs?: number;
  /** Pauses between tries of an account that cannot be used. A refused login counts: servers lock out who insists. */
  readonly backoff?: { readonly minMs: number; readonly maxMs: number };
};

export type ImapDeps = TakeDeps & {
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: Pick<Settings, 'current'>;
};

/**
 * Reads mail accounts, each in a loop of its own: one that is away holds up no other. What is waiting is asked of the
 * server at every turn, and the keyword on the mails is all the state there is: nothing to lose, nothing to fall out of
 * step. IDLE makes it quick; the look every minute makes it sure.
 */
export function startImapIntake(deps: ImapDeps, options: ImapOptions) {
  const running = options.accounts.map((account) => startAccount(deps, account, options));
  return {
    /** One line per account for the operator. */
    status: () => running.map(({ status }) => status()),
    async stop(): Promise<void> {
      await Promise.all(running.map(({ stop }) => stop()));
    },
  };
}

function startAccount(
  deps: ImapDeps,
  account: ImapAccount,
  { backoff = { minMs: 1_000, maxMs: 120_000 }, pollMs = 60_000 }: ImapOptions,
) {
  const { clock, log, settings } = deps;
  const name = accountName(account);
  const failed = createFailedMails();
  let open: { readonly connection: ImapConnection; readonly folder: ImapFolder } | null = null;
  let lastLook: string | null = null;

  const opened = async (signal: AbortSignal): Promise<ImapFolder> => {
    if (open?.connection.usable()) return open.folder;
    open = null;
    const connection = await connectImap(account, { log, signal, onNews: () => loop.wake() });
    try {
      open = { connection, folder: await openImapFolder(account, connection) };
      return open.folder;
    } catch (error) {
      await connection.close();
      throw error;
    }
  };

  const take = async (folder: ImapFolder, uid: number): Promise<void> => {
    const key = `${folder.uidValidity}:${uid}`;
    try {
      await takeMail(deps, { account, folder, uid });
      failed.forget(key);
    } catch (error) {
      // Log or file store are away: so would they be for the next mail.
      if (isTransient(error)) throw error;
      failed.add(key, clock.now());
      if (error instanceof ImapError && error.fault === 'connection') throw error;
      log.error({ err: error, account: name, uid }, 'mail cannot be taken in; those behind it are, it is tried again');
    }
  };

  const turn = async (signal: AbortSignal): Promise<number> => {
    const known = settings.current().inForce('mailbox');
    if (!known.some(({ id, value }) => id === account.mailboxId && value.active))
      throw new ImapError('server', `the desk has no active mailbox ${account.mailboxId}`);
    const folder = await opened(signal);
    const waiting = await folder.waiting();
    const keyOf = (uid: number) => `${folder.uidValidity}:${uid}`;
    failed.keep(waiting.map(keyOf));
    for (const uid of waiting.filter((it) => failed.isDue(keyOf(it), clock.now()))) {
      if (signal.aborted) break;
      await take(folder, uid);
    }
    lastLook = toTimestamp(clock.now());
    return pollMs;
  };

  const loop = startLoop({ name, log, turn, backoff });
  return {
    async stop() {
      await loop.stop();
      await open?.connection.close();
    },
    status(): string {
      const failure = loop.failure();
      const state = failure ?? (open?.connection.usable() ? 'connected' : 'connecting');
      const stuck = failed.count() === 0 ? '' : `, mails that cannot be taken in: ${failed.count()}`;
      return `${name}: ${state}, last look ${lastLook ?? 'never'}${stuck}`;
    },
  };
}
