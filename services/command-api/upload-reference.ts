import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { Sha256, Strict } from '#contracts/primitives.ts';
import { AppError } from '#packages/kernel/errors.ts';

const UploadedFile = Strict({
  blob: Sha256,
  name: Type.String({ minLength: 1, maxLength: 255 }),
  mediaType: Type.String({ maxLength: 255 }),
  size: Type.Integer({ minimum: 0 }),
});
export type UploadedFile = Static<typeof UploadedFile>;

export type UploadReferences = ReturnType<typeof createUploadReferences>;

/**
 * Names uploaded files to their uploader: `<file>.<HMAC-SHA256>`, base64url. Signed and bound to the person, so that
 * knowing the hash of somebody else's file is not enough to attach it, and size and type are those the desk saw.
 */
export function createUploadReferences(secret: string) {
  if (secret.length < 32) throw new Error('the upload secret must have at least 32 characters');
  const sign = (file: string, personId: string): Buffer =>
    createHmac('sha256', secret).update(`upload\n${personId}\n${file}`).digest();

  return {
    make(file: UploadedFile, personId: string): string {
      const text = Buffer.from(JSON.stringify(file)).toString('base64url');
      return `${text}.${sign(text, personId).toString('base64url')}`;
    },
    /** Throws INVALID_REQUEST pointing at `pointer` for a reference that was not made for this person. */
    read(reference: string, personId: string, pointer: string): UploadedFile {
      const [text = '', signature = ''] = reference.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = sign(text, personId);
      if (given.length === expected.length && timingSafeEqual(given, expected))
        return Value.Parse(UploadedFile, JSON.parse(Buffer.from(text, 'base64url').toString()));
      throw new AppError('INVALID_REQUEST', {
        detail: 'An attachment was not uploaded by you.',
        fields: [{ pointer, detail: 'must be the reference of an upload of yours' }],
      });
    },
  };
}
