import MailComposer from 'nodemailer/lib/mail-composer';
import type { OutboundMailEvent } from '#contracts/events/mail.ts';
import { loopHeader } from './own-mail.ts';
import type { ParsedAttachment } from './parsed-mail.ts';
import { cleanLine } from './plain-text.ts';

type QueuedMail = Extract<OutboundMailEvent, { type: 'OutboundMailQueued' }>['data'];

export type ComposeOptions = {
  /** RFC 3339; the same for every attempt, so that the message stays the same. */
  readonly date: string;
  /** Domain of our Message-IDs. */
  readonly ownDomain: string;
  /** Contents of the mail's attachments. */
  readonly attachments: readonly ParsedAttachment[];
};

/** More ancestors than this make headers that mail systems refuse. */
const maxReferences = 20;

/**
 * The raw message (RFC 5322, CRLF) of a queued mail. Values of the log end up in headers, so line breaks in them are made
 * blanks: nothing in a subject or name can begin a header of its own.
 */
export function composeMail(mail: QueuedMail, { date, ownDomain, attachments }: ComposeOptions): Promise<Buffer> {
  const automatic = { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All' };
  const composer = new MailComposer({
    from: { name: cleanLine(mail.from.name, 200), address: mail.from.address },
    to: mail.to,
    cc: mail.cc,
    ...(mail.replyTo && { replyTo: mail.replyTo }),
    subject: cleanLine(mail.subject, 900),
    date: new Date(date),
    messageId: bracketed(mail.messageId),
    ...(mail.inReplyTo && { inReplyTo: bracketed(mail.inReplyTo) }),
    ...(mail.references.length > 0 && { references: mail.references.map(bracketed) }),
    headers: { [loopHeader]: ownDomain, ...(mail.automatic && automatic) },
    text: mail.text,
    ...(mail.html && { html: mail.html }),
    attachments: attachments.map((file) => ({
      filename: file.name,
      contentType: file.mediaType,
      content: file.content,
      contentDisposition: file.inline ? 'inline' : 'attachment',
      ...(file.contentId && { cid: cleanLine(file.contentId, 998) }),
    })),
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

/**
 * Threading headers of an answer (RFC 5322 3.6.4), ids without brackets. Of a long chain the first, which began the
 * thread, and the last ones stay.
 * @param answered the message that is answered and its own references, oldest first; null when it is not a mail
 */
export function threadHeaders(
  answered: { readonly messageId: string | null; readonly references: readonly string[] } | null,
): { inReplyTo: string | null; references: string[] } {
  const inReplyTo = answered?.messageId ?? null;
  const chain = [...new Set([...(answered?.references ?? []), ...(inReplyTo ? [inReplyTo] : [])])];
  const references = chain.length <= maxReferences ? chain : [...chain.slice(0, 1), ...chain.slice(1 - maxReferences)];
  return { inReplyTo, references };
}

const bracketed = (id: string): string => `<${id.replace(/[<>\s]/g, '')}>`;
