import { judgeLines } from './reply-lines.ts';

export type SplitText = { readonly visible: string; readonly quoted: string };
export type SplitOptions = {
  /** The subject says that the message was forwarded as it is: what looks like history is what the author sent. */
  readonly forwarded: boolean;
};

/**
 * Cuts quoted history and signature from the plain text of a reply.
 * @returns what the author wrote, and the rest. `visible` is empty only for blank text.
 */
export function splitReplyText(text: string, options: SplitOptions): SplitText {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const verdicts = judgeLines(lines, options);
  const visible: string[] = [];
  for (const [index, line] of lines.entries()) {
    const verdict = verdicts[index];
    // The blank lines around what was cut would add up.
    const doubled = line.trim() === '' && verdicts[index - 1] === false && visible.at(-1)?.trim() === '';
    if (verdict !== false && !doubled) visible.push(typeof verdict === 'string' ? verdict : line);
  }
  const quoted = lines.filter((_, index) => verdicts[index] === false);
  return { visible: tidy(visible), quoted: tidy(quoted) };
}

const tidy = (lines: readonly string[]): string =>
  lines
    .join('\n')
    .replace(/^(?:[ \t]*\n)+/, '')
    .trimEnd();
