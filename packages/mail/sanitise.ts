import sanitizeHtml, { type IOptions } from 'sanitize-html';
import { withoutDeepNesting } from './html-nesting.ts';
import { truncate } from './plain-text.ts';

const cutNotice = '<p>[Cut here: the message is longer than can be shown. The original holds all of it.]</p>';
/** Embedded images beyond this many characters of base64 belong in an attachment. */
const maxDataUrl = 100_000;
const smallImage = /^data:image\/(png|gif|jpe?g|webp);base64,[a-z0-9+/=\s]*$/i;

const colour = [/^#[0-9a-f]{3,8}$/i, /^[a-z]{3,20}$/i, /^rgba?\([\d\s.,%]{5,40}\)$/i];
const length = [
  /^(-?0|\d{1,4}(\.\d{1,3})?(px|pt|em|rem|ex|%|in|cm|mm)?)( (0|\d{1,4}(\.\d{1,3})?(px|pt|em|rem|ex|%|in|cm|mm)?)){0,3}$/,
];
const word = [/^[a-z-]{2,20}$/];
const border = [/^[a-z0-9#.,%() ]{1,60}$/i];
const fontSize = [/^\d{1,2}(\.\d{1,2})?(px|pt)$/, /^[0-3](\.\d{1,2})?(em|rem)$/, /^\d{1,3}%$/, /^[a-z-]{2,10}$/];

const options: IOptions = {
  allowedTags: [
    ...[
      'a',
      'abbr',
      'b',
      'bdi',
      'bdo',
      'big',
      'blockquote',
      'br',
      'caption',
      'center',
      'cite',
      'code',
      'col',
      'colgroup',
    ],
    ...[
      'dd',
      'del',
      'dfn',
      'div',
      'dl',
      'dt',
      'em',
      'font',
      'h1',
      'h2',
      'h3',
      'h4',
      'h5',
      'h6',
      'hr',
      'i',
      'img',
      'ins',
    ],
    ...[
      'kbd',
      'li',
      'mark',
      'ol',
      'p',
      'pre',
      'q',
      's',
      'samp',
      'small',
      'span',
      'strike',
      'strong',
      'sub',
      'sup',
      'table',
    ],
    ...['tbody', 'td', 'tfoot', 'th', 'thead', 'tr', 'tt', 'u', 'ul', 'var', 'wbr'],
  ],
  nonTextTags: [
    'script',
    'style',
    'textarea',
    'option',
    'noscript',
    'title',
    'xml',
    'template',
    'svg',
    'math',
    'object',
  ],
  allowedAttributes: {
    '*': ['style', 'dir', 'lang', 'title', 'align', 'valign', 'bgcolor'],
    a: ['href', 'rel', 'target'],
    img: ['src', 'alt', 'width', 'height', 'loading', 'referrerpolicy'],
    font: ['color', 'face', 'size'],
    table: ['border', 'cellpadding', 'cellspacing', 'width', 'height'],
    td: ['colspan', 'rowspan', 'width', 'height'],
    th: ['colspan', 'rowspan', 'width', 'height', 'scope'],
    ol: ['start', 'type'],
    col: ['span', 'width'],
    blockquote: ['type'],
  },
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowedSchemesByTag: { img: ['https', 'cid', 'data'] },
  allowedSchemesAppliedToAttributes: ['href', 'src'],
  allowProtocolRelative: false,
  allowedStyles: {
    '*': {
      color: colour,
      'background-color': colour,
      'text-align': word,
      'text-decoration': word,
      'vertical-align': word,
      'white-space': word,
      'font-weight': [/^(\d00|bold|bolder|lighter|normal)$/],
      'font-style': word,
      'font-size': fontSize,
      'font-family': [/^[\w\s"',-]{1,200}$/],
      'line-height': [/^\d{1,3}(\.\d{1,3})?(px|pt|em|%)?$/],
      padding: length,
      margin: length,
      width: length,
      height: length,
      border,
      'border-left': border,
      'border-top': border,
      'border-bottom': border,
      'border-right': border,
      'border-collapse': word,
    },
  },
  transformTags: {
    a: (tagName, attribs) => ({
      tagName,
      attribs: { ...attribs, rel: 'noopener noreferrer nofollow', target: '_blank' },
    }),
    img: (tagName, attribs) => ({
      tagName,
      attribs: { ...attribs, loading: 'lazy', referrerpolicy: 'no-referrer' },
    }),
  },
  exclusiveFilter: (frame) => frame.tag === 'img' && !isShowable(frame.attribs['src']),
  nestingLimit: 100,
  enforceHtmlBoundary: true,
};

const optionsWith = (images: ReadonlyMap<string, string>): IOptions => ({
  ...options,
  transformTags: {
    ...options.transformTags,
    img: (tagName, attribs) => {
      const src = images.get(attribs['src'] ?? '') ?? attribs['src'];
      return {
        tagName,
        attribs: { ...attribs, ...(src !== undefined && { src }), loading: 'lazy', referrerpolicy: 'no-referrer' },
      };
    },
  },
});

const isShowable = (src: string | undefined): boolean =>
  src !== undefined && (!/^data:/i.test(src) || (src.length <= maxDataUrl && smallImage.test(src)));

/**
 * HTML of a mail as it may be shown inside a page: no scripts, forms, frames, style sheets or event handlers, styles
 * and links by allow-list. Images may come from the mail itself (`cid:`, small `data:`) or over https, never http:
 * a remote image tells its sender that the mail was opened, so a front end should load those only on request.
 * @param html at most a few million characters; callers cut longer ones before
 * @param images what stands in place of the `src` of images, by what it is
 * @returns at most `maxLength` characters
 */
export function sanitise(
  html: string,
  maxLength = Number.POSITIVE_INFINITY,
  images: ReadonlyMap<string, string> = new Map(),
): string {
  const clean = sanitizeHtml(withoutDeepNesting(html), optionsWith(images)).trim();
  if (clean.length <= maxLength) return clean;
  // Cutting may split a tag and leaves others open, so the rest goes through the sanitiser again. What that adds in
  // closing tags is far less than the quarter kept free.
  return sanitizeHtml(truncate(clean, Math.floor(maxLength * 0.75)), options) + cutNotice;
}
