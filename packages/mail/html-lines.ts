import type { parseDocument } from 'htmlparser2';
import type { LineHint } from './reply-lines.ts';

export type HtmlDocument = ReturnType<typeof parseDocument>;
export type HtmlNode = HtmlDocument['children'][number];
type HtmlElement = Extract<HtmlNode, { attribs: unknown }>;

/** A line as a reader sees it, quoted ones with `> ` in front, and the leaves of the document that make it up. */
export type HtmlLine = { text: string; readonly leaves: HtmlNode[]; hint: LineHint | null };

/** Deeper than any mail program nests; a document beyond it is not worked on. */
const maxDepth = 200;

const blocks: ReadonlySet<string> = new Set(
  'address article body center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header li main ol p pre section table tr ul blockquote'.split(
    ' ',
  ),
);
const neverShown: ReadonlySet<string> = new Set(['head', 'style', 'script', 'title', 'template', 'xml']);

/** Elements by which mail programs set off all that came before; everything from there on is history. */
const historyMark =
  /\b(?:divRplyFwdMsg|appendonsend|OLK_SRC_BODY_SECTION|stopSpelling|yahoo_quoted|OutlookMessageHeader|ms-outlook-mobile-reference-message|mail-editor-reference-message-container|messageReplySection|protonmail_quote|tutanota_quote|zmail_extra|isForwardContent|isReplyContent)/;
const attributionMark = /\b(?:gmail_attr|moz-cite-prefix|moz-email-headers-table)\b/;
/** A block quote without a bar is how editors indent what the author wrote. */
const indentation = /border(?:-left)?:\s*(?:none|0)|margin-left:\s*\d+px[^;]*;?\s*$/i;

/**
 * The lines that an HTML body shows, in reading order.
 * @returns null for documents nested deeper than can be worked on
 */
export function linesOf(document: HtmlDocument): HtmlLine[] | null {
  const lines: HtmlLine[] = [];
  let line: HtmlLine = { text: '', leaves: [], hint: null };
  let hint: LineHint | null = null;
  let quotes = 0;
  let unseen = 0;
  const endLine = () => {
    if (line.leaves.length > 0) lines.push(line);
    line = { text: '', leaves: [], hint: null };
  };
  const add = (leaf: HtmlNode, text: string) => {
    if (line.leaves.length === 0 && quotes > 0) line.text = `${'>'.repeat(quotes)} `;
    line.leaves.push(leaf);
    line.text += text;
    if (hint && text.trim() !== '') {
      line.hint = hint;
      hint = null;
    }
  };
  const enter = (node: HtmlNode): void => {
    if (isUnseen(node)) unseen += 1;
    if (unseen > 0) return;
    if (node.type === 'text') add(node, node.data.replace(/[\s\u00a0]+/g, ' '));
    if (!isElement(node)) return;
    if (blocks.has(node.name)) endLine();
    hint = hintOf(node) ?? hint;
    if (isQuote(node)) quotes += 1;
    if (node.name === 'img') add(node, '[image]');
    if (node.name === 'hr' || node.name === 'br') {
      if (node.name === 'hr') endLine();
      add(node, node.name === 'hr' ? '________' : '');
      endLine();
    }
  };
  const leave = (node: HtmlNode): void => {
    if (isUnseen(node)) unseen -= 1;
    if (unseen > 0 || !isElement(node)) return;
    if (blocks.has(node.name)) endLine();
    if (isQuote(node)) quotes -= 1;
  };
  if (!walk(document, enter, leave)) return null;
  endLine();
  return lines;
}

/** Visits a document without recursion, since how deep it goes is up to the sender. @returns false when too deep */
function walk(document: HtmlDocument, enter: (node: HtmlNode) => void, leave: (node: HtmlNode) => void): boolean {
  const open: { node: HtmlNode; next: number }[] = [{ node: document, next: 0 }];
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const child: HtmlNode | undefined = 'children' in top.node ? top.node.children[top.next] : undefined;
    top.next += 1;
    if (!child) {
      leave(top.node);
      open.pop();
    } else {
      enter(child);
      if (open.length > maxDepth) return false;
      open.push({ node: child, next: 0 });
    }
  }
  return true;
}

export const isElement = (node: HtmlNode): node is HtmlElement => 'attribs' in node;

export const isUnseen = (node: HtmlNode): boolean => isElement(node) && neverShown.has(node.name);

const isQuote = (element: HtmlElement): boolean =>
  element.name === 'blockquote' &&
  (element.attribs['type'] === 'cite' || !indentation.test(element.attribs['style'] ?? ''));

function hintOf({ attribs }: HtmlElement): LineHint | null {
  const names = `${attribs['id'] ?? ''} ${attribs['class'] ?? ''} ${attribs['name'] ?? ''}`;
  if (historyMark.test(names)) return 'history';
  return attributionMark.test(names) ? 'attribution' : null;
}
