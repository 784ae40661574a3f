import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { filePolicy } from '#packages/http/security-headers.ts';

/** Types that a browser may be told of; the rest is bytes. Nothing here can run a script of its own. */
const harmless = /^(image\/(png|jpeg|gif|webp)|application\/pdf|text\/plain)$/;

/** Response schema of a download. */
export const fileResponse = {
  description: 'The file',
  content: { 'application/octet-stream': { schema: Type.String({ format: 'binary' }) } },
};

/** File name as a header value in both spellings of RFC 6266: plain ASCII, and UTF-8 by RFC 8187. */
function disposition(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** Answers with a file that somebody sent: to be saved, never to be shown in the origin of the desk. */
export function sendFile(
  reply: FastifyReply,
  { content, name, mediaType, size }: { content: Readable; name: string; mediaType: string; size: number },
): FastifyReply {
  return reply
    .headers({
      'content-type': harmless.test(mediaType) ? mediaType : 'application/octet-stream',
      'content-length': String(size),
      'content-disposition': disposition(name),
      'content-security-policy': filePolicy,
    })
    .send(content);
}
