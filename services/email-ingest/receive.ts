import { streams } from '#contracts/events/streams.ts';
import type { BlobStore } from '#packages/blob-store/port.ts';
import { inboundMail } from '#packages/domain/mail/inbound.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import { idFrom, newId } from '#packages/kernel/ids.ts';
import { normaliseAddress } from '#packages/mail/address.ts';
import { baseAddress } from '#packages/mail/reply-address.ts';
import type { IncomingMessage } from '#packages/mail/smtp-intake.ts';
import type { Settings } from '#packages/settings/settings.ts';

export type ReceiveDeps = {
  readonly blobs: BlobStore;
  readonly handle: CommandHandler;
  readonly settings: Pick<Settings, 'current'>;
  readonly maxBytes: number;
};

/** A header longer than this, in bytes, is not looked through to its end. */
const maxHeader = 256 * 1024;
/**
 * A Message-ID header (RFC 5322 3.6.4) with anything in it, also when the value stands on a folded line. Each blank can be
 * matched in one way only: with two, a header of nothing but folded blanks would hold up the process for ever.
 */
const messageIdHeader = /^message-id[ \t]*:[ \t]*(?:\r?\n[ \t]+)*\S/im;

/** The two halves of taking in mail that the SMTP server asks for. */
export function createReception({ blobs, handle, maxBytes, settings }: ReceiveDeps) {
  const receive = (mailboxId: string, blob: { sha256: string; size: number }, id: string, mail: IncomingMessage) =>
    handle({
      stream: streams.inboundMail(id),
      decider: inboundMail,
      command: {
        type: 'ReceiveMail',
        data: {
          mailboxId,
          transport: 'smtp',
          envelopeFrom: mail.envelopeFrom,
          recipients: [...mail.recipients],
          remote: mail.remote,
          blob: blob.sha256,
          size: blob.size,
        },
      },
      commandId: idFrom('receive', id),
      facts: () => undefined,
      actor: { kind: 'service', id: 'email-ingest' },
      source: 'smtp',
      correlationId: id,
      causationId: null,
    });

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
      const repeatable = messageIdHeader.test(await headerOf(await blobs.get(blob.sha256)));
      for (const mailboxId of mail.mailboxIds) {
        const id = repeatable ? idFrom('inbound-mail', mailboxId, blob.sha256) : newId();
        await receive(mailboxId, blob, id, mail);
      }
    },
  };
}

/** The header of a raw message: everything before the first empty line. */
async function headerOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of content) {
    text += Buffer.from(chunk).toString('latin1');
    const end = text.search(/\r?\n\r?\n/);
    if (end !== -1) return text.slice(0, end);
    if (text.length > maxHeader) break;
  }
  return text;
}
