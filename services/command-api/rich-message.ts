import type { Attachment, Message } from '#contracts/events/message.ts';
import type { BlobStore } from '#packages/blob-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { htmlToText } from '#packages/mail/html-text.ts';
import { imageSources, isInlineType, pastedImage } from '#packages/mail/inline-images.ts';
import { sanitise } from '#packages/mail/sanitise.ts';
import type { UploadReferences } from './upload-reference.ts';

const maxHtml = 500_000;
const maxText = 500_000;
const maxImages = 50;
const maxFiles = 100;
/** Scheme of an image that was uploaded before: `upload:<reference>`. */
const uploadScheme = 'upload:';

export type RichBody = {
  readonly text?: string;
  readonly html?: string;
  readonly attachments?: readonly string[];
};
type Tools = { readonly uploads: UploadReferences; readonly blobs: Pick<BlobStore, 'put'> };

const refuse = (pointer: string, detail: string): AppError =>
  new AppError('INVALID_REQUEST', {
    detail: 'The message cannot be stored as it is.',
    fields: [{ pointer, detail }],
  });

/**
 * The message that a request body holds, ready for the log: HTML sanitised, references turned into files, and the images
 * that stand in the HTML, pasted (`data:`) or uploaded before (`upload:<reference>`), turned into files that it names by
 * `cid:` (RFC 2392). Without a text it is the plain twin of the HTML. Throws INVALID_REQUEST for references and images
 * that are none and when nothing is said, BLOB_STORE_UNAVAILABLE.
 */
export async function richMessageOf(body: RichBody, tools: Tools, personId: string): Promise<Message> {
  const plain = (body.attachments ?? []).map((reference, index) => ({
    ...tools.uploads.read(reference, personId, `/attachments/${index}`),
    contentId: null,
    inline: false,
  }));
  const images = await inlineImages(body.html ?? '', tools, personId);
  const inline = [...new Map([...images.values()].map((image) => [image.blob, image])).values()];
  const attachments = [...plain, ...inline];
  if (attachments.length > maxFiles) throw refuse('/attachments', `must be at most ${maxFiles} with the images`);
  const sources = new Map([...images].map(([source, { contentId }]) => [source, `cid:${contentId}`]));
  const html = body.html === undefined ? '' : sanitise(body.html, maxHtml, sources);
  const text = body.text ?? twinOf(html, inline);
  if (text === '') throw refuse('/text', 'is needed when the HTML says nothing');
  return { text, html: html === '' ? null : html, attachments, mail: null };
}

/** What HTML says in plain text; of one that only shows images, their names. */
const twinOf = (html: string, images: readonly Attachment[]): string =>
  htmlToText(html).slice(0, maxText).toWellFormed() || images.map(({ name }) => `[${name}]`).join('\n');

async function inlineImages(
  html: string,
  { blobs, uploads }: Tools,
  personId: string,
): Promise<ReadonlyMap<string, Attachment>> {
  const sources = imageSources(html).filter((source) => /^(data|upload):/i.test(source.trim()));
  if (sources.length > maxImages) throw refuse('/html', `must hold at most ${maxImages} images`);
  const images = new Map<string, Attachment>();
  for (const [index, source] of sources.entries()) {
    if (source.startsWith(uploadScheme)) {
      const file = uploads.read(source.slice(uploadScheme.length), personId, '/html');
      if (!isInlineType(file.mediaType)) throw refuse('/html', `names ${file.name}, which is no image to be shown`);
      images.set(source, { ...file, ...shownBy(file.blob) });
      continue;
    }
    const image = pastedImage(source);
    if (image === null) throw refuse('/html', 'holds an image that is not a PNG, JPEG, GIF or WebP in base64');
    const { content, mediaType, suffix } = image;
    const { sha256: blob, size } = await blobs.put(content);
    images.set(source, { blob, name: `image-${index + 1}.${suffix}`, mediaType, size, ...shownBy(blob) });
  }
  return images;
}

const shownBy = (blob: string) => ({ contentId: `${blob.slice(0, 32)}@desk`, inline: true });
