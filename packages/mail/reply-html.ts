import { DomUtils, parseDocument } from 'htmlparser2';
import { type HtmlNode, isElement, isUnseen, linesOf } from './html-lines.ts';
import { withoutDeepNesting } from './html-nesting.ts';
import { judgeLines, type LineHint } from './reply-lines.ts';
import type { SplitOptions } from './reply-text.ts';

/** Elements that show something without any text in them. */
const shown: ReadonlySet<string> = new Set(['img', 'hr', 'br']);

/**
 * Cuts quoted history and signature from the HTML of a reply, by the same rules as `splitReplyText` and by the marks that
 * mail programs leave. It takes HTML as it came: sanitising removes those marks, so it comes after.
 * @returns HTML of what the author wrote; the whole when there is nothing to cut or it is too deeply nested
 */
export function visibleHtml(html: string, { forwarded }: SplitOptions): string {
  const document = parseDocument(withoutDeepNesting(html));
  const lines = linesOf(document);
  if (!lines) return html;
  const hints = new Map<number, LineHint>();
  for (const [index, { hint }] of lines.entries()) if (hint) hints.set(index, hint);
  const verdicts = judgeLines(
    lines.map((line) => line.text),
    { forwarded, hints },
  );
  const hidden = lines.filter((_, index) => verdicts[index] === false).flatMap((line) => line.leaves);
  if (hidden.length === 0) return html;
  const emptied = new Set(hidden.flatMap((leaf) => leaf.parent ?? []));
  // From the end: taking the last child out of its parent is cheap, the first is not.
  for (const leaf of hidden.toReversed()) DomUtils.removeElement(leaf);
  for (const child of document.children.toReversed()) prune(child, emptied);
  return DomUtils.getInnerHTML(document);
}

/**
 * Removes the elements that the cut left with nothing to show, and those around them.
 * @returns true when there is nothing to show in the node
 */
function prune(node: HtmlNode, emptied: Set<unknown>): boolean {
  if (!isElement(node)) return node.type !== 'text' || node.data.trim() === '';
  if (isUnseen(node)) return true;
  if (shown.has(node.name)) return false;
  const blank = node.children.toReversed().map((child) => prune(child, emptied));
  if (!blank.every(Boolean)) return false;
  if (emptied.has(node)) {
    if (node.parent) emptied.add(node.parent);
    DomUtils.removeElement(node);
  }
  return true;
}
