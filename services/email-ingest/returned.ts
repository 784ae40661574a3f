import type { ParsedMail } from '#packages/mail/parsed-mail.ts';

/** What a mail system sends back of the mail it could not deliver (RFC 3462). */
const returnedParts = /^(message\/(rfc822|global)|text\/rfc822-headers|message\/global-headers)$/;
const messageIdLine = /^[ \t>]*message-id:\s*<([^<>\s]{1,998})>/gim;
/** The returned header comes first; what follows it is of no interest. */
const lookedAt = 64 * 1024;
const maxIds = 20;

/** Message ids of the mails that a bounce returns, in a part of their own or, as some mail systems do, in its text. */
export function returnedMessageIds({ attachments, full }: Pick<ParsedMail, 'attachments' | 'full'>): readonly string[] {
  const parts = attachments.filter(({ mediaType }) => returnedParts.test(mediaType));
  const texts = [...parts.map(({ content }) => content.subarray(0, lookedAt).toString('latin1')), full.text];
  const ids = texts.flatMap((text) => [...text.matchAll(messageIdLine)].map((match) => match[1] ?? ''));
  return [...new Set(ids)].slice(0, maxIds);
}
