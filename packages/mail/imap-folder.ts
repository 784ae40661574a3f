import type { ImapAccount } from './imap-account.ts';
import type { ImapConnection } from './imap-connection.ts';
import { ImapError } from './imap-error.ts';

/** Says, on the server, that a mail is in the desk's log. Set after that is so, and never before. */
export const takenKeyword = '$Deskledger';
const chunkBytes = 256 * 1024;

export type FoundMail = { readonly size: number; readonly taken: boolean };

/** One open folder. UIDs mean something in it and nowhere else: keep none longer than it lives. */
export type ImapFolder = {
  readonly uidValidity: bigint;
  /** UIDs of what is there to be taken in or moved, oldest first. */
  waiting(): Promise<number[]>;
  /** Null when the mail is gone meanwhile. */
  inspect(uid: number): Promise<FoundMail | null>;
  /** The raw mail, byte by byte, up to `maxBytes` of it. It rejects with ImapError when the mail cannot be had whole. */
  download(uid: number, maxBytes?: number): Promise<AsyncIterable<Buffer>>;
  /** Sets the keyword, where the server keeps keywords. */
  mark(uid: number): Promise<void>;
  /** Moves the mail away if the account says so. */
  putAway(uid: number): Promise<void>;
};

/**
 * What the desk does in a mail folder: it reads, sets a keyword, moves. It never deletes and never touches \Seen, which
 * belongs to the people who read there. Every method rejects with ImapError.
 */
export async function openImapFolder(account: ImapAccount, connection: ImapConnection): Promise<ImapFolder> {
  const { client, run } = connection;
  const { mailbox } = client;
  if (!mailbox) throw new ImapError('connection', 'no folder is open');
  if (mailbox.readOnly) throw new ImapError('server', `the folder ${account.folder} is read-only for this user`);
  const moveTo = account.afterwards === 'flag' ? null : account.afterwards.moveTo;
  const { permanentFlags } = mailbox;
  const keeps = !permanentFlags || permanentFlags.has('\\*') || permanentFlags.has(takenKeyword);
  if (moveTo === null && !keeps)
    throw new ImapError('server', 'the server keeps no keywords, so taken mail can only be told by moving it');
  // imapflow would copy and expunge in its place, and so delete.
  if (moveTo !== null && !client.capabilities.has('MOVE'))
    throw new ImapError('server', 'the server cannot MOVE (RFC 6851), so taken mail can only be flagged');
  if (moveTo !== null) await run(`create ${moveTo}`, (it) => it.mailboxCreate(moveTo), 'server');

  async function* content(uid: number, maxBytes: number): AsyncGenerator<Buffer> {
    for (let start = 0; start < maxBytes; ) {
      const maxLength = Math.min(chunkBytes, maxBytes - start);
      const query = { source: { start, maxLength } };
      const found = await run('fetch', (it) => it.fetchOne(`${uid}`, query, { uid: true }), 'message');
      // Read on until nothing comes: a short answer alone is no end, and RFC822.SIZE is wrong on some servers.
      if (!found?.source?.length) return;
      yield found.source;
      // A server that knows no partial fetch has sent the whole.
      if (found.source.length > maxLength) return;
      start += found.source.length;
    }
  }

  return {
    uidValidity: mailbox.uidValidity,
    async waiting() {
      await run('NOOP', (it) => it.noop());
      const query = {
        deleted: false,
        ...(moveTo === null ? { unKeyword: takenKeyword } : {}),
        ...(account.since === undefined ? {} : { since: account.since }),
      };
      const uids = await run('search', (it) => it.search(query, { uid: true }));
      return [...(uids ?? [])].sort((a, b) => a - b);
    },
    async inspect(uid) {
      const query = { size: true, flags: true };
      // imapflow says false for a mail that is not there.
      const found = await run(
        'inspect',
        async (it) => (await it.fetchOne(`${uid}`, query, { uid: true })) || null,
        'message',
      );
      return found && { size: found.size ?? 0, taken: found.flags?.has(takenKeyword) ?? false };
    },
    async download(uid, maxBytes = Number.POSITIVE_INFINITY) {
      return content(uid, maxBytes);
    },
    async mark(uid) {
      if (keeps) await run('flag', (it) => it.messageFlagsAdd(`${uid}`, [takenKeyword], { uid: true }), 'message');
    },
    async putAway(uid) {
      if (moveTo !== null)
        await run(`move to ${moveTo}`, (it) => it.messageMove(`${uid}`, moveTo, { uid: true }), 'message');
    },
  };
}
