import { decodeText } from './charset.ts';

const cr = 0x0d;
const lf = 0x0a;
const mboxLine = /^>?From \S+.*\d/;
const boundaryParameter = /boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s";]{1,200}))/gi;
const paddedDelimiter = /^--([^\r\n]{1,202}?)[ \t]+(?=\r?$)/gm;
const maxHeader = 4 * 1024 * 1024;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * A raw message as parsers expect it: without a byte order mark or the `From ` line of an mbox file, with its header
 * in UTF-8 (RFC 6532) whatever bytes the sender put there unencoded, and without blanks behind delimiters.
 */
export function prepareRaw(raw: Buffer): Buffer {
  let message = raw.subarray(0, 3).equals(byteOrderMark) ? raw.subarray(3) : raw;
  const firstLine = message.subarray(0, message.indexOf(lf) + 1);
  if (mboxLine.test(firstLine.toString('latin1'))) message = message.subarray(firstLine.length);
  const end = headerEnd(message);
  if (end > maxHeader) return message;
  const header = message.subarray(0, end);
  const fixed = Buffer.from(decodeText(header, null).replace(/^([!-9;-~]+)[ \t]+:/gm, '$1:'));
  return trimDelimiters(fixed.equals(header) ? message : Buffer.concat([fixed, message.subarray(end)]));
}

/** Removes the padding that RFC 2046 5.1.1 allows behind the delimiter of a part, and that mailsplit takes for text. */
function trimDelimiters(message: Buffer): Buffer {
  const text = message.toString('latin1');
  if (text.search(paddedDelimiter) === -1) return message;
  const boundaries = new Set([...text.matchAll(boundaryParameter)].map((match) => match[1] ?? match[2]));
  const trimmed = text.replace(paddedDelimiter, (line, value: string) =>
    boundaries.has(value) || boundaries.has(value.replace(/--$/, '')) ? `--${value}` : line,
  );
  return Buffer.from(trimmed, 'latin1');
}

/** Index of the empty line that ends the header; the length of the message when there is none. */
function headerEnd(message: Buffer): number {
  for (let start = 0; start < message.length; ) {
    const end = message.indexOf(lf, start);
    if (end === -1) break;
    if (end === start || (end === start + 1 && message[start] === cr)) return start;
    start = end + 1;
  }
  return message.length;
}
