/** Deeper than any mail. HTML parsers take time that grows with the square of the depth, which is up to the sender. */
const maxDepth = 2000;
const tag = /<(\/?)([a-z][a-z0-9:]*)/gi;
const withoutContent: ReadonlySet<string> = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
);

/**
 * The HTML as it is, or, when it is nested too deep to be worked on, without any of its tags.
 * Counts roughly: end tags that HTML lets one leave out make the count too high, never too low.
 */
export function withoutDeepNesting(html: string): string {
  let depth = 0;
  for (const [, end, name = ''] of html.matchAll(tag)) {
    if (withoutContent.has(name.toLowerCase())) continue;
    depth = Math.max(0, depth + (end ? -1 : 1));
    if (depth > maxDepth) return html.replace(/<[^<>]*>?/g, ' ');
  }
  return html;
}
