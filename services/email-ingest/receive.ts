import type { BlobStore } from '#packages/blob-store/port.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import { newId } from '#packages/kernel/ids.ts';
import { normaliseAddress } from '#packages/mail/address.ts';
import { baseAddress } from '#packages/mail/reply-address.ts';
import type { IncomingMessage } from '#packages/mail/smtp-intake.ts';
import type { Settings } from '#packages/settings/settings.ts';
import { inboundMailId, recordMail, storedHeader } from './record.ts';

export type ReceiveDeps = {
  readonly blobs: BlobStore;
  readonly handle: CommandHandler;
  readonly settings: Pick<Settings, 'current'>;
  readonly maxBytes: number;
};

/** The two halves of taking in mail that the SMTP server asks for. */
export function createReception({ blobs, handle, maxBytes, settings }: ReceiveDeps) {
  return {
    /** The active mailbox a recipient means, whatever its case and +tag; null when there is none. */
    async accepts(recipient: string): Promise<string | null> {
      const address = normaliseAddress(recipient);
      if (address === null) return null;
      const names = [address, baseAddress(address)];
      const mailboxes = settings.current().inForce('mailbox');
      return mailboxes.find(({ value }) => value.active && names.includes(value.address))?.id ?? null;
    },

    /**
     * Keeps a mail for good: the raw message in the file store, then one stream per mailbox. A mail that the peer sends
     * again, not having heard our answer, meets the stream of the first time; without a Message-ID two equal mails
     * may well be two, so those are never taken for one.
     * Rejects with PAYLOAD_TOO_LARGE, BLOB_STORE_UNAVAILABLE, STORE_UNAVAILABLE, TIMEOUT: the peer then keeps the mail.
     */
    async onMessage(mail: IncomingMessage): Promise<void> {
      const blob = await blobs.put(mail.stream, { maxBytes });
      const header = await storedHeader(blobs, blob.sha256);
      for (const mailboxId of mail.mailboxIds) {
        const id = inboundMailId({ header, mailboxId, sha256: blob.sha256, otherwise: newId });
        const data = {
          mailboxId,
          transport: 'smtp' as const,
          envelopeFrom: mail.envelopeFrom,
          recipients: [...mail.recipients],
          remote: mail.remote,
          blob: blob.sha256,
          size: blob.size,
        };
        await recordMail(handle, { id, command: { type: 'ReceiveMail', data } });
      }
    },
  };
}
