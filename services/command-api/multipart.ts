import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { BlobStore } from '#packages/blob-store/port.ts';
import { principalOf } from '#packages/http/auth.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { safeFileName } from '#packages/mail/file-name.ts';
import type { UploadReferences } from './upload-reference.ts';

const maxParts = 100;

type Options = {
  readonly blobs: Pick<BlobStore, 'put'>;
  readonly uploads: UploadReferences;
  /** Largest form as a whole, which is held in memory; larger files are uploaded on their own. */
  readonly maxBytes: number;
};
type FileOfForm = { readonly part: string; readonly reference: string };

const broken = (detail: string, cause?: unknown): AppError =>
  new AppError('INVALID_REQUEST', { detail: 'The form cannot be read.', fields: [{ pointer: '', detail }], cause });

/**
 * Reads multipart/form-data (RFC 7578) into the body that the same request would have in JSON, so that all that comes
 * after cannot tell the two apart: a part `body` holds JSON, other parts without a file are its texts, and files are
 * stored and named in `attachments`; those that the HTML shows by `cid:<name of the part>` in their places.
 */
export const multipartBody =
  ({ blobs, maxBytes, uploads }: Options) =>
  async (request: FastifyRequest, payload: Readable): Promise<unknown> => {
    const { personId } = principalOf(request);
    const form = await formOf(await contentOf(payload, maxBytes), request.headers['content-type'] ?? '');
    const parts = [...form];
    if (parts.length > maxParts) throw broken(`it must have at most ${maxParts} parts`);
    const texts: Record<string, string> = {};
    const files: FileOfForm[] = [];
    for (const [part, value] of parts) {
      if (typeof value !== 'string') {
        const { sha256: blob, size } = await blobs.put(Buffer.from(await value.arrayBuffer()));
        const mediaType = value.type.split(';')[0] ?? '';
        const file = { blob, name: safeFileName(value.name, mediaType, files.length + 1), mediaType, size };
        files.push({ part, reference: uploads.make(file, personId) });
      } else if (Object.hasOwn(texts, part)) throw broken(`the part ${part} comes twice`);
      else texts[part] = value;
    }
    return bodyOf(texts, files);
  };

async function contentOf(payload: Readable, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of payload) {
    size += chunk.length;
    if (size > maxBytes) throw new AppError('PAYLOAD_TOO_LARGE');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function formOf(content: Buffer<ArrayBuffer>, contentType: string): Promise<FormData> {
  try {
    return await new Response(content, { headers: { 'content-type': contentType } }).formData();
  } catch (error) {
    throw broken('it breaks off or is no multipart/form-data', error);
  }
}

function bodyOf({ body = '{}', ...texts }: Record<string, string>, files: readonly FileOfForm[]): object {
  const given: Record<string, unknown> = { ...parsed(body), ...texts };
  let html = typeof given['html'] === 'string' ? given['html'] : null;
  const attachments: unknown[] = Array.isArray(given['attachments']) ? [...given['attachments']] : [];
  for (const { part, reference } of files) {
    const shown = html?.replace(placesOf(part), (_place, before: string) => `${before}upload:${reference}`) ?? null;
    if (shown === html) attachments.push(reference);
    html = shown;
  }
  return { ...given, ...(html !== null && { html }), ...(attachments.length > 0 && { attachments }) };
}

const placesOf = (part: string): RegExp =>
  new RegExp(`(\\ssrc\\s*=\\s*["']?)cid:${RegExp.escape(part)}(?=["'\\s>])`, 'gi');

function parsed(json: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw broken('the part body is no JSON', error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw broken('the part body is no JSON object');
}
