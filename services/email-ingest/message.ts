import type { Attachment, Message } from '#contracts/events/message.ts';
import type { BlobStore } from '#packages/blob-store/port.ts';
import type { MailBody, ParsedAttachment, ParsedMail } from '#packages/mail/parsed-mail.ts';
import { limitText } from '#packages/mail/plain-text.ts';

/** Bodies larger than this, in bytes of JSON, would bring the event near the 1 MiB that one append may have. */
const maxBodyBytes = 640 * 1024;
/** Characters of text that stay within it, whatever they are. */
const maxText = 160_000;
const maxAddresses = 100;
const maxReferences = 50;
const maxAttachments = 100;

export type MessageInput = {
  readonly mail: ParsedMail;
  readonly body: MailBody;
  readonly inboundMailId: string;
  /** Address of the author. */
  readonly from: string;
  readonly automatic: boolean;
};

/** The message of a ticket that a mail becomes. Its attachments are in the file store when this resolves. */
export async function messageOf(blobs: BlobStore, input: MessageInput): Promise<Message> {
  const { automatic, body, from, inboundMailId, mail } = input;
  const fitted = shrink(body);
  const files = [...mail.attachments.slice(0, maxAttachments - fitted.moved.length), ...fitted.moved];
  const attachments: Attachment[] = [];
  for (const file of files) attachments.push(await keep(blobs, file));
  return {
    text: fitted.body.text,
    html: fitted.body.html,
    attachments,
    mail: {
      inboundMailId,
      messageId: mail.messageId,
      inReplyTo: mail.inReplyTo.slice(-maxReferences),
      references: mail.references.slice(-maxReferences),
      from,
      to: addressesOf(mail.to),
      cc: addressesOf(mail.cc),
      automatic,
    },
  };
}

async function keep(blobs: BlobStore, { content, ...file }: ParsedAttachment): Promise<Attachment> {
  const { sha256, size } = await blobs.put(content);
  return { ...file, blob: sha256, size };
}

const addressesOf = (list: ParsedMail['to']): string[] =>
  [...new Set(list.map(({ address }) => address))].slice(0, maxAddresses);

/** Moves what is too long for an event into files: first the HTML, whose text twin stays, then the whole of the text. */
function shrink(body: MailBody): { readonly body: MailBody; readonly moved: readonly ParsedAttachment[] } {
  if (bytesOf(body) <= maxBodyBytes) return { body, moved: [] };
  const html = body.html === null ? [] : [fileOf('message.html', 'text/html', body.html)];
  const plain: MailBody = { text: body.text, html: null };
  if (bytesOf(plain) <= maxBodyBytes) return { body: plain, moved: html };
  const text = fileOf('message.txt', 'text/plain', body.text);
  return { body: { text: limitText(body.text, maxText), html: null }, moved: [...html, text] };
}

const bytesOf = (body: MailBody): number => Buffer.byteLength(JSON.stringify(body));

const fileOf = (name: string, mediaType: string, content: string): ParsedAttachment => ({
  name,
  mediaType,
  contentId: null,
  inline: false,
  content: Buffer.from(content),
});
