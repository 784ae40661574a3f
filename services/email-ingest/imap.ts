import { type Clock, toTimestamp } from '#packages/kernel/clock.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { startLoop } from '#packages/kernel/loop.ts';
import { backoffMs, sleep } from '#packages/kernel/retry.ts';
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
  /** Time for the answer to one command, after which the connection counts as dead. */
  readonly commandMs?: number;
};

/** A connection that the server ends sooner than this was of no use: the next one has to wait. */
const shortMs = 60_000;
const progressMs = 10_000;

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
  { backoff = { minMs: 1_000, maxMs: 120_000 }, commandMs, pollMs = 60_000 }: ImapOptions,
) {
  const { clock, log, settings } = deps;
  const name = accountName(account);
  const failed = createFailedMails();
  /** Taken over this connection: what is still waiting at the next look has not been marked after all. */
  let taken = new Set<string>();
  let open: { readonly connection: ImapConnection; readonly folder: ImapFolder; readonly since: number } | null = null;
  let shortLives = 0;
  let lastLook: string | null = null;
  let progress = '';

  const opened = async (signal: AbortSignal): Promise<ImapFolder> => {
    if (open?.connection.usable()) return open.folder;
    if (open) {
      shortLives = performance.now() - open.since < shortMs ? shortLives + 1 : 0;
      open = null;
      log.info({ account: name, shortLives }, 'the IMAP connection has ended');
      // A server that lets us in only to throw us out must not be asked again and again without a pause.
      if (shortLives > 0) await sleep(backoffMs(shortLives, backoff), signal);
    }
    const connection = await connectImap(account, { log, signal, commandMs, onNews: () => loop.wake() });
    try {
      const folder = await openImapFolder(account, connection);
      open = { connection, folder, since: performance.now() };
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
      // Some servers say that they keep a keyword and do not: no reason to fetch the same mail every minute.
      if (taken.has(key)) {
        failed.add(key, clock.now());
        log.warn({ account: name, uid }, 'the server has forgotten that this mail was taken');
      } else failed.forget(key);
      taken.add(key);
    } catch (error) {
      // Log or file store are away: so would they be for the next mail.
      if (isTransient(error)) throw error;
      failed.add(key, clock.now());
      if (error instanceof ImapError && error.fault === 'connection') throw error;
      log.error({ err: error, account: name, uid }, 'mail cannot be taken in; those behind it are, it is tried again');
    }
  };

  /** One after the other, and one in memory at a time: a folder may hold any number. */
  const takeAll = async (folder: ImapFolder, uids: readonly number[], signal: AbortSignal): Promise<void> => {
    let told = performance.now();
    try {
      for (const [index, uid] of uids.entries()) {
        if (signal.aborted) return;
        progress = `, taking in ${index + 1} of ${uids.length}`;
        if (performance.now() - told > progressMs) {
          told = performance.now();
          log.info({ account: name, done: index, of: uids.length }, 'taking mail in');
        }
        await take(folder, uid);
      }
    } finally {
      progress = '';
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
    taken = new Set(waiting.map(keyOf).filter((key) => taken.has(key)));
    await takeAll(
      folder,
      waiting.filter((uid) => failed.isDue(keyOf(uid), clock.now())),
      signal,
    );
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
      return `${name}: ${state}, last look ${lastLook ?? 'never'}${progress}${stuck}`;
    },
  };
}
