/**
 * Joins the soft-broken lines of `format=flowed` text (RFC 3676). A line flows into the next only within the same depth
 * of quoting, which is why this is not left to the MIME library: it would pull an answer into the quote above it.
 * @param delSp the blank before a soft break is not part of the text
 */
export function decodeFlowed(text: string, delSp: boolean): string {
  const paragraphs: { depth: number; pieces: string[]; open: boolean }[] = [];
  for (const line of text.split('\n')) {
    const depth = /^>*/.exec(line)?.[0].length ?? 0;
    const content = line.slice(depth).replace(/^ /, '');
    const open = content.endsWith(' ') && content !== '-- ';
    const piece = open && delSp ? content.slice(0, -1) : content;
    const last = paragraphs.at(-1);
    if (last?.open && last.depth === depth && content !== '-- ') {
      last.pieces.push(piece);
      last.open = open;
    } else {
      paragraphs.push({ depth, pieces: [piece], open });
    }
  }
  return paragraphs.map(({ depth, pieces }) => '>'.repeat(depth) + (depth > 0 ? ' ' : '') + pieces.join('')).join('\n');
}
