import { limitText } from '#packages/mail/plain-text.ts';

/** Bodies larger than this, in bytes of JSON, would bring the event near the 1 MiB that one append may have. */
const maxBytes = 768 * 1024;
/** Characters of text that stay within it, whatever they are. */
const maxText = 190_000;

type Body = { readonly text: string; readonly html: string | null };

/** The body of a mail as it fits into an event: without its HTML form, and in the last resort cut, with a line saying so. */
export function fitEvent({ html, text }: Body): Body {
  if (bytesOf({ html, text }) <= maxBytes) return { html, text };
  const plain = { html: null, text };
  return bytesOf(plain) <= maxBytes ? plain : { html: null, text: limitText(text, maxText) };
}

const bytesOf = (body: Body): number => Buffer.byteLength(JSON.stringify(body));
