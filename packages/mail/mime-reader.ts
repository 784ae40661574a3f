import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { AttachmentStream, MessageText } from 'mailparser';
import { decodeText } from './charset.ts';
import { decodeFlowed } from './format-flowed.ts';
import { type MimeNode, MimeParser } from './mime-parser.ts';
import { maxAttachments } from './parsed-mail.ts';
import { cleanText } from './plain-text.ts';

export type MimeFile = {
  readonly name: string | null;
  readonly mediaType: string;
  readonly contentId: string | null;
  readonly content: Buffer;
};

/** One stretch of the body: as plain text, as HTML, or in both forms. */
export type BodyBlock = { readonly plain: string | null; readonly html: string | null };

export type MimeMessage = {
  readonly contentType: string;
  readonly blocks: readonly BodyBlock[];
  readonly files: readonly MimeFile[];
  /** As they came: a lower-case name, and the folded line with each byte as one character. */
  readonly headerLines: readonly { readonly key: string; readonly line: string }[];
  /** As mailparser decodes them, addresses taken apart, by lower-case name. */
  readonly headers: ReadonlyMap<string, unknown>;
  readonly notes: readonly string[];
};

type AttachmentItem = Omit<AttachmentStream, 'content'> & { content: Readable };

/**
 * Takes a raw message apart. Whatever is wrong with it, what could be read is returned and what could not is noted.
 * @param raw as prepared by `prepareRaw`
 */
export async function readMime(raw: Buffer): Promise<MimeMessage> {
  const parser = new MimeParser();
  const notes: string[] = [];
  const files: MimeFile[] = [];
  let headers: MimeMessage['headers'] = new Map();
  let headerLines: MimeMessage['headerLines'] = [];
  parser.once('headers', (value: MimeMessage['headers']) => {
    headers = value;
  });
  parser.once('headerLines', (value: MimeMessage['headerLines']) => {
    headerLines = value;
  });
  parser.end(raw);
  let leftOut = 0;
  try {
    const items: AsyncIterable<AttachmentItem | MessageText> = parser;
    for await (const item of items) {
      if (item.type !== 'attachment') continue;
      if (files.length < maxAttachments) files.push(await readFile(item));
      else leftOut += 1;
      item.release();
    }
  } catch (error) {
    notes.push(`The structure of the message is broken from some point on: ${String(error)}`);
  }
  if (leftOut > 0) notes.push(`${leftOut} attachments over the limit of ${maxAttachments} are only in the original`);
  const tree = parser.tree || null;
  const contentType = (tree?.contentType || 'text/plain').toLowerCase();
  const known = { contentType, files, headers, headerLines, notes };
  const blocks = tree ? blocksOf(tree) : [];
  if (files.length === 0 && blocks.every((block) => !block.plain?.trim() && !block.html?.trim())) {
    const plain = bodyAsItCame(raw);
    if (plain !== '') {
      notes.push('The message has no readable parts; its body is shown as it came');
      return { ...known, blocks: [{ plain, html: null }] };
    }
  }
  return { ...known, blocks };
}

async function readFile(item: AttachmentItem): Promise<MimeFile> {
  return {
    name: item.filename ?? null,
    mediaType: item.contentType,
    contentId: item.cid ?? null,
    content: await buffer(item.content),
  };
}

/** The body in reading order. The forms of a multipart/alternative are one block, parts beside each other are several. */
function blocksOf(node: MimeNode): BodyBlock[] {
  if (node.isAttachment) return [];
  if (node.children.length === 0) {
    const decoded = node.textContent ?? '';
    const text = node.flowed ? decodeFlowed(decoded, node.flowed.delSp) : decoded;
    return node.contentType === 'text/html' ? [{ plain: null, html: text }] : [{ plain: text, html: null }];
  }
  const blocks = node.children.flatMap(blocksOf);
  if (node.contentType !== 'multipart/alternative') return blocks;
  return [{ plain: joined(blocks.map((block) => block.plain)), html: joined(blocks.map((block) => block.html)) }];
}

function joined(texts: readonly (string | null)[]): string | null {
  const present = texts.filter((text) => text !== null && text.trim() !== '');
  return present.length === 0 ? null : present.join('\n');
}

function bodyAsItCame(raw: Buffer): string {
  const text = cleanText(decodeText(raw, null));
  const start = text.startsWith('\n') ? 0 : text.indexOf('\n\n');
  return start === -1 ? '' : text.slice(start).trim();
}
