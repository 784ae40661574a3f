import { readDeliveryStatus } from './delivery-report.ts';
import { safeFileName } from './file-name.ts';
import { dateOf, headerMap, mailboxes, messageIds } from './header-values.ts';
import { htmlToText, textToHtml } from './html-text.ts';
import { type BodyBlock, type MimeFile, readMime } from './mime-reader.ts';
import { type MailBody, maxBodyLength, type ParsedAttachment, type ParsedMail } from './parsed-mail.ts';
import { cleanLine, cleanText, limitText, truncate } from './plain-text.ts';
import { prepareRaw } from './raw-message.ts';
import { visibleHtml } from './reply-html.ts';
import { isForwardSubject } from './reply-markers.ts';
import { splitReplyText } from './reply-text.ts';
import { sanitise } from './sanitise.ts';

const maxSubject = 998;
/** So much of a body is worked on: markup and quotes take room, and `maxBodyLength` of what is worth showing is kept. */
const maxWorkedOn = 1_000_000;
const mediaTypePattern = /^[a-z0-9!#$&^_.+-]{1,127}\/[a-z0-9!#$&^_.+-]{1,127}$/;

/**
 * Reads one raw message. Never throws because of what is in it, but may take long over a hostile one: it runs in the
 * worker of `parse.ts`, which bounds time and memory.
 */
export async function readMail(raw: Buffer): Promise<ParsedMail> {
  const mime = await readMime(prepareRaw(raw));
  const headers = headerMap(mime.headerLines);
  const subject = cleanLine(headers['subject']?.at(-1) ?? '', maxSubject);
  const plain = joinPlain(mime.blocks);
  const html = joinHtml(mime.blocks);
  const full = toBody(plain, html);
  return {
    messageId: messageIds(headers['message-id'])[0] ?? null,
    inReplyTo: messageIds(headers['in-reply-to']),
    references: messageIds(headers['references']),
    from: mailboxes(mime.headers.get('from'))[0] ?? null,
    sender: mailboxes(mime.headers.get('sender'))[0] ?? null,
    replyTo: mailboxes(mime.headers.get('reply-to')),
    to: mailboxes(mime.headers.get('to')),
    cc: mailboxes(mime.headers.get('cc')),
    subject,
    date: dateOf(headers['date']),
    full,
    reply: toReply(full, plain, html, isForwardSubject(subject)),
    attachments: mime.files.map((file, index) => toAttachment(file, index, html ?? '')),
    headers,
    contentType: mime.contentType,
    reportType: /report-type\s*=\s*"?([\w-]+)/i.exec(headers['content-type']?.[0] ?? '')?.[1]?.toLowerCase() ?? null,
    reported: mime.files.filter(isDeliveryStatus).flatMap((file) => readDeliveryStatus(file.content.toString('utf8'))),
    notes: mime.notes,
  };
}

/** Text of the whole body, or null when no part of it is plain text. HTML between plain parts is converted. */
function joinPlain(blocks: readonly BodyBlock[]): string | null {
  if (!blocks.some((block) => block.plain?.trim())) return null;
  const text = blocks.map((block) => block.plain ?? htmlToText(block.html ?? '')).join('\n');
  return truncate(cleanText(text), maxWorkedOn);
}

function joinHtml(blocks: readonly BodyBlock[]): string | null {
  if (!blocks.some((block) => block.html?.trim())) return null;
  const html = blocks.map((block) => block.html ?? textToHtml(block.plain ?? '')).join('<br>\n');
  return truncate(cleanText(html), maxWorkedOn);
}

const toBody = (plain: string | null, html: string | null): MailBody => ({
  text: limitText(cleanText(plain ?? htmlToText(html ?? '')).trim(), maxBodyLength),
  html: html === null ? null : sanitise(html, maxBodyLength),
});

/** The body without history and signature. Sanitising is what takes time, so it is done again only after a cut. */
function toReply(full: MailBody, plain: string | null, html: string | null, forwarded: boolean): MailBody {
  const visible = {
    plain: plain === null ? null : splitReplyText(plain, { forwarded }).visible,
    html: html === null ? null : visibleHtml(html, { forwarded }),
  };
  if (visible.html !== html) return toBody(visible.plain, visible.html);
  return visible.plain === plain ? full : { ...toBody(visible.plain, null), html: full.html };
}

function toAttachment(file: MimeFile, index: number, html: string): ParsedAttachment {
  const mediaType = file.mediaType.toLowerCase();
  const known = mediaTypePattern.test(mediaType) ? mediaType : 'application/octet-stream';
  const contentId = cleanLine(file.contentId ?? '', 998) || null;
  return {
    name: safeFileName(file.name, known, index + 1),
    mediaType: known,
    contentId,
    inline: contentId !== null && html.includes(`cid:${contentId}`),
    content: file.content,
  };
}

const isDeliveryStatus = (file: MimeFile): boolean => /^message\/(global-)?delivery-status$/i.test(file.mediaType);
