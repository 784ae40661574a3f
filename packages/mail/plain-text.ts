const cutMarker = '\n\n[Cut here: the message is longer than can be shown. The original holds all of it.]';

/**
 * Text that every store can hold: PostgreSQL's json knows no NUL, JSON no lone surrogates, and other control characters
 * only serve to deceive a reader. Line ends become LF.
 */
export const cleanText = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the purpose
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
    .toWellFormed();

/** One line of clean text: for subjects, names and header values. */
export const cleanLine = (text: string, maxLength: number): string =>
  truncate(cleanText(text).replace(/\s+/g, ' ').trim(), maxLength);

/** The first `maxLength` characters, without half a surrogate pair at the end. */
export function truncate(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const cut = text.slice(0, maxLength);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** The text cut to `maxLength` characters, with a visible sentence in place of what is missing. */
export const limitText = (text: string, maxLength: number): string =>
  text.length <= maxLength ? text : truncate(text, maxLength - cutMarker.length) + cutMarker;
