import type { ArticleDraftBody } from '#contracts/commands/article.ts';
import type { ArticleContent } from '#contracts/events/article.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { htmlToText } from '#packages/mail/html-text.ts';
import { sanitise } from '#packages/mail/sanitise.ts';
import type { UploadReferences } from './upload-reference.ts';

const maxHtml = 300_000;
const maxText = 200_000;

/** Cells and rows of tables kept apart, or their words would run together where they are searched. */
const apart = (html: string): string => html.replace(/<\/t[dh]>/g, ' $&').replaceAll('</tr>', '<br></tr>');

/**
 * What a draft says, ready for the log: HTML sanitised, a plain twin made where none was sent, references turned into
 * files. Throws INVALID_REQUEST when there is nothing to read, and for a reference that is not one.
 */
export function articleContentOf(body: ArticleDraftBody, uploads: UploadReferences, personId: string): ArticleContent {
  const html = body.html === undefined ? '' : sanitise(body.html, maxHtml);
  const text = body.text ?? htmlToText(apart(html)).slice(0, maxText);
  if (html === '' && text.trim() === '')
    throw new AppError('INVALID_REQUEST', {
      detail: 'There is nothing to read.',
      fields: [{ pointer: '/html', detail: 'must say something, unless there is a text' }],
    });
  const files = (body.attachments ?? []).map((reference, index) => ({
    ...uploads.read(reference, personId, `/attachments/${index}`),
    contentId: null,
    inline: false,
  }));
  const images = (body.images ?? []).map(({ contentId, reference }, index) => ({
    ...uploads.read(reference, personId, `/images/${index}/reference`),
    contentId,
    inline: true,
  }));
  return { title: body.title, text, html: html === '' ? null : html, attachments: [...files, ...images] };
}
