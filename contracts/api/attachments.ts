import { type Static, Type } from 'typebox';
import { Nullable, Sha256, Strict } from '../primitives.ts';

export const UploadQuery = Strict({
  name: Type.String({ minLength: 1, maxLength: 255, description: 'file name' }),
});

/** Names an uploaded file in `attachments` of a ticket or comment. Signed: only what the desk gave out is taken. */
export const UploadReference = Type.String({ maxLength: 2_000, description: '`reference` of an upload' });

export const Upload = Type.Object(
  {
    reference: UploadReference,
    name: Type.String(),
    mediaType: Type.String(),
    size: Type.Integer({ description: 'bytes' }),
    sha256: Sha256,
  },
  { title: 'Upload' },
);
export type Upload = Static<typeof Upload>;

export const AttachmentView = Type.Object(
  {
    name: Type.String(),
    mediaType: Type.String({ description: 'as the sender called it; downloads never trust it' }),
    size: Type.Integer({ description: 'bytes' }),
    sha256: Sha256,
    inline: Type.Boolean(),
    contentId: Nullable(Type.String()),
    href: Type.String({ description: 'path of the download' }),
  },
  { title: 'Attachment' },
);
