import libmime from 'libmime';
import { cleanLine, truncate } from './plain-text.ts';

const maxLength = 255;
/** Characters that turn the direction of writing: `exe.fdp` shown as `pdf.exe`. */
const directionMarks = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const forbidden = /[<>:"|?*]/g;

/**
 * A name that is safe to show and to save under: no folders, no control or direction characters, at most 255 long with
 * its extension kept. A file without a name gets one from its place and type.
 * @param index 1-based place among the attachments
 */
export function safeFileName(name: string | null, mediaType: string, index: number): string {
  const last = (name ?? '').split(/[/\\]/).at(-1) ?? '';
  const clean = cleanLine(last.replace(directionMarks, ''), Number.POSITIVE_INFINITY)
    .replace(forbidden, '_')
    .replace(/^[. ]+|[. ]+$/g, '');
  return clean === '' ? `attachment-${index}.${extensionOf(mediaType)}` : shortened(clean);
}

function shortened(name: string): string {
  if (name.length <= maxLength) return name;
  const extension = /\.[^.]{1,16}$/.exec(name)?.[0] ?? '';
  return truncate(name, maxLength - extension.length) + extension;
}

const extensionOf = (mediaType: string): string =>
  mediaType === 'message/rfc822' ? 'eml' : libmime.detectExtension(mediaType);
