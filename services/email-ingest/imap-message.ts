import type { BlobStore, StoredBlob } from '#packages/blob-store/port.ts';
import type { InboundMailCommand } from '#packages/domain/mail/inbound.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { accountName, type ImapAccount } from '#packages/mail/imap-account.ts';
import type { ImapFolder } from '#packages/mail/imap-folder.ts';
import { unreadable } from './processed.ts';
import { inboundMailId, recordMail, storedHeader } from './record.ts';

/** Of a mail that is too large this much is kept, in bytes: its header and the first lines. */
const keptOfLarge = 64 * 1024;
const maxRecipients = 20;
/** What mail servers note at delivery about the envelope; a reply address may stand there and nowhere else. */
const deliveredTo =
  /^(?:delivered-to|x-original-to|envelope-to)[ \t]*:[ \t]*<?([^\s<>]{1,250}@[^\s<>]{1,64})>?[ \t]*$/gim;

export type TakeDeps = {
  readonly blobs: Pick<BlobStore, 'get' | 'put'>;
  readonly handle: CommandHandler;
  /** Largest mail taken in, in bytes. */
  readonly maxBytes: number;
};

/**
 * Takes one mail out of a folder: raw mail stored, receipt on record, then flagged, then moved if asked for. It may break
 * off between any two of them and be run again: a mail without the keyword is read once more and meets its own record.
 * A mail that is too large is held in quarantine, where people see it, with its beginning; the whole stays in the account.
 * Rejects with ImapError, and with AppError as the file store and the log do.
 */
export async function takeMail(
  { blobs, handle, maxBytes }: TakeDeps,
  { account, folder, uid }: { account: ImapAccount; folder: ImapFolder; uid: number },
): Promise<void> {
  const found = await folder.inspect(uid);
  if (found === null) return;
  if (!found.taken) {
    const whole = found.size > maxBytes ? null : await fitting(blobs, await folder.download(uid), maxBytes);
    const blob = whole ?? (await blobs.put(await folder.download(uid, keptOfLarge)));
    const header = await storedHeader(blobs, blob.sha256);
    const { mailboxId } = account;
    const data = {
      mailboxId,
      transport: 'imap',
      envelopeFrom: null,
      recipients: [...header.matchAll(deliveredTo)].slice(0, maxRecipients).map(([, address]) => String(address)),
      remote: accountName(account),
      blob: blob.sha256,
      size: whole?.size ?? Math.max(found.size, maxBytes + 1),
    } as const;
    const reason = `It is larger than ${maxBytes} bytes, so only its beginning is kept; all of it is in the mail account.`;
    const command: InboundMailCommand = whole
      ? { type: 'ReceiveMail', data }
      : { type: 'HoldMail', data, decision: unreadable(reason) };
    // Stable while the server numbers its mail the same way: no keyword and other numbers would make it a second mail.
    const otherwise = () =>
      idFrom('inbound-mail', mailboxId, data.remote, String(folder.uidValidity), uid, blob.sha256);
    const id = inboundMailId({ header, mailboxId, sha256: blob.sha256, otherwise });
    await recordMail(handle, { id, command });
    await folder.mark(uid);
  }
  await folder.putAway(uid);
}

/** Stores a mail; null when it is longer than its server said it would be, and too long for us. */
async function fitting(
  blobs: TakeDeps['blobs'],
  content: AsyncIterable<Buffer>,
  maxBytes: number,
): Promise<StoredBlob | null> {
  try {
    return await blobs.put(content, { maxBytes });
  } catch (error) {
    if (isAppError(error, 'PAYLOAD_TOO_LARGE')) return null;
    throw error;
  }
}
