import { streams } from '#contracts/events/streams.ts';
import type { BlobStore } from '#packages/blob-store/port.ts';
import { type InboundMailCommand, inboundMail } from '#packages/domain/mail/inbound.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import { idFrom } from '#packages/kernel/ids.ts';

/** A header longer than this, in bytes, is not looked through to its end. */
const maxHeader = 256 * 1024;
/**
 * A Message-ID header (RFC 5322 3.6.4) with anything in it, also when the value stands on a folded line. Each blank can be
 * matched in one way only: with two, a header of nothing but folded blanks would hold up the process for ever.
 */
const messageIdHeader = /^message-id[ \t]*:[ \t]*(?:\r?\n[ \t]+)*\S/im;

/** Puts on record that a mail came in; the second time for the same id it changes nothing. */
export const recordMail = (
  handle: CommandHandler,
  { command, id }: { id: string; command: Extract<InboundMailCommand, { type: 'HoldMail' | 'ReceiveMail' }> },
) =>
  handle({
    stream: streams.inboundMail(id),
    decider: inboundMail,
    command,
    commandId: idFrom('receive', id),
    facts: () => undefined,
    actor: { kind: 'service', id: 'email-ingest' },
    source: command.data.transport,
    correlationId: id,
    causationId: null,
  });

/**
 * The id of a mail in a mailbox: the same for the same content, so that a mail that comes again meets the stream of the
 * first time. Without a Message-ID two equal mails may well be two: then `otherwise` tells them apart.
 */
export const inboundMailId = (mail: { header: string; mailboxId: string; sha256: string; otherwise: () => string }) =>
  messageIdHeader.test(mail.header) ? idFrom('inbound-mail', mail.mailboxId, mail.sha256) : mail.otherwise();

/** The header of a stored message: everything before the first empty line. Rejects as `BlobStore.get` does. */
export async function storedHeader(blobs: Pick<BlobStore, 'get'>, sha256: string): Promise<string> {
  let text = '';
  for await (const chunk of await blobs.get(sha256)) {
    text += Buffer.from(chunk).toString('latin1');
    const end = text.search(/\r?\n\r?\n/);
    if (end !== -1) return text.slice(0, end);
    if (text.length > maxHeader) break;
  }
  return text;
}
