import type { Message } from '#contracts/events/message.ts';
import { sanitise } from '#packages/mail/sanitise.ts';
import type { UploadReferences } from './upload-reference.ts';

const maxHtml = 500_000;

/**
 * The message that a request body holds, ready for the log: HTML sanitised, references turned into files. Throws
 * INVALID_REQUEST for a reference that is not one.
 */
export function messageOf(
  body: { readonly text: string; readonly html?: string; readonly attachments?: readonly string[] },
  uploads: UploadReferences,
  personId: string,
): Message {
  const attachments = (body.attachments ?? []).map((reference, index) => ({
    ...uploads.read(reference, personId, `/attachments/${index}`),
    contentId: null,
    inline: false,
  }));
  const html = body.html === undefined ? '' : sanitise(body.html, maxHtml);
  return { text: body.text, html: html === '' ? null : html, attachments, mail: null };
}
