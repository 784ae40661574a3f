import { Readable } from 'node:stream';
import { Upload, UploadQuery } from '#contracts/api/attachments.ts';
import { refusals } from '#contracts/api/problem.ts';
import { principalOf } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { safeFileName } from '#packages/mail/file-name.ts';
import type { CommandApiDeps } from '../deps.ts';
import type { UploadReferences } from '../upload-reference.ts';

const mediaTypePattern = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

/** Media type without parameters; one that is no media type says nothing about the file. */
function mediaTypeOf(contentType: string | undefined): string {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  return mediaTypePattern.test(type) ? type : 'application/octet-stream';
}

/** 25 MiB, about what mail servers take. */
export const defaultUploadBytes = 25 * 1_048_576;

/** Uploads are taken as they come, whatever their type, and go to the blob store without being held in memory. */
export async function registerAttachmentUpload(
  root: HttpServer,
  deps: CommandApiDeps,
  uploads: UploadReferences,
): Promise<void> {
  const maxBytes = deps.maxUploadBytes ?? defaultUploadBytes;

  await root.register((app: HttpServer, _options, done) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', async (_request: unknown, payload: Readable) => payload);

    app.post(
      '/v1/attachments',
      {
        handlerTimeout: 120_000,
        config: { access: ['customer', 'agent', 'supervisor', 'admin'], commands: [] },
        schema: {
          summary: 'Upload a file',
          description:
            `The body is the file itself, its Content-Type that of the file, at most ${maxBytes} bytes. Name the ` +
            '`reference` of the answer in `attachments` of a ticket or comment. The same file twice is stored once.',
          tags: ['attachments'],
          consumes: ['application/octet-stream'],
          querystring: UploadQuery,
          response: { 201: Upload, ...refusals('PAYLOAD_TOO_LARGE', 'BLOB_STORE_UNAVAILABLE') },
        },
      },
      async (request, reply) => {
        const content = request.body instanceof Readable ? request.body : Buffer.alloc(0);
        const { sha256, size } = await deps.blobs.put(content, { maxBytes });
        const mediaType = mediaTypeOf(request.headers['content-type']);
        const name = safeFileName(request.query.name, mediaType, 1);
        const reference = uploads.make({ blob: sha256, name, mediaType, size }, principalOf(request).personId);
        return reply.code(201).send({ reference, name, mediaType, size, sha256 });
      },
    );
    done();
  });
}
