import { convert, type HtmlToTextOptions } from 'html-to-text';
import { escapeHtml } from '#packages/kernel/escape-html.ts';
import { withoutDeepNesting } from './html-nesting.ts';
import { truncate } from './plain-text.ts';

/** Deeper or longer than any mail a person wrote; beyond, the converter's work grows faster than its input. */
const limits = { maxInputLength: 1_000_000, maxDepth: 100, maxChildNodes: 20_000 };

const options: HtmlToTextOptions = {
  wordwrap: false,
  limits: { ...limits, ellipsis: '…' },
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false, linkBrackets: ['<', '>'] } },
    { selector: 'img', format: 'skip' },
    { selector: 'ul', options: { itemPrefix: '- ' } },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
};

/** The plain twin of an HTML body: links as `text <url>`, quotes with `> `, no images. */
export const htmlToText = (html: string): string =>
  convert(withoutDeepNesting(truncate(html, limits.maxInputLength)), options)
    .replaceAll('\u00a0', ' ')
    .trim();

/** Plain text as HTML: paragraphs at empty lines, line breaks elsewhere. */
export const textToHtml = (text: string): string =>
  text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br>')}</p>`)
    .join('\n');
