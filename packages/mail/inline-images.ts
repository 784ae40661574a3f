import { Parser } from 'htmlparser2';

/** Types of images that a browser shows and that can run nothing, by the bytes (hex) that each begins with. */
const signatures = [
  { mediaType: 'image/png', suffix: 'png', begins: ['89504e470d0a1a0a'] },
  { mediaType: 'image/jpeg', suffix: 'jpg', begins: ['ffd8ff'] },
  { mediaType: 'image/gif', suffix: 'gif', begins: ['474946383761', '474946383961'] },
  { mediaType: 'image/webp', suffix: 'webp', begins: ['52494646'] },
] as const;

export type PastedImage = { readonly content: Buffer; readonly mediaType: string; readonly suffix: string };

const dataUrl = /^data:image\/(?:png|jpeg|jpg|gif|webp);base64,([A-Za-z0-9+/=\s]+)$/i;

/** The `src` of each image of an HTML text, each once. */
export function imageSources(html: string): readonly string[] {
  const found = new Set<string>();
  const parser = new Parser({
    onopentag: (name, { src }) => {
      if (name === 'img' && src !== undefined) found.add(src);
    },
  });
  parser.end(html);
  return [...found];
}

/** The image that a `data:` URL (RFC 2397) holds; null when it holds none of a type that is taken, by what its bytes say. */
export function pastedImage(source: string): PastedImage | null {
  const base64 = dataUrl.exec(source)?.[1];
  if (base64 === undefined) return null;
  const content = Buffer.from(base64, 'base64');
  const start = content.subarray(0, 8).toString('hex');
  const type = signatures.find(({ begins }) => begins.some((bytes) => start.startsWith(bytes)));
  return type ? { content, mediaType: type.mediaType, suffix: type.suffix } : null;
}

/** True for types of images that may stand within a text. */
export const isInlineType = (mediaType: string): boolean => signatures.some((each) => each.mediaType === mediaType);
