import { normaliseAddress } from '#packages/mail/address.ts';
import type { MailAddress, ParsedMail } from '#packages/mail/parsed-mail.ts';
import { baseAddress } from '#packages/mail/reply-address.ts';

/** Local parts of addresses that programs send from and nobody reads. */
const systemLocalPart =
  /^(no|do[-_.]?not|dont|never)[-_.]?reply|^(noreply|mailer|wordpress|www-data|apache|nginx|nobody|root|notifications?|form|webform|website)([-_.+]|@)/;

/**
 * Who wrote a mail, for tickets and answers. That is From, except that a web form sends in the name of a program, or of
 * the desk itself, and names the visitor in Reply-To. Mail without From goes by Sender, Reply-To or the envelope.
 * Null when none of them holds a usable address.
 */
export function senderOf(
  mail: Pick<ParsedMail, 'from' | 'replyTo' | 'sender'>,
  envelopeFrom: string | null,
  ownAddresses: ReadonlySet<string>,
): MailAddress | null {
  const isOwn = ({ address }: MailAddress): boolean =>
    ownAddresses.has(address) || ownAddresses.has(baseAddress(address));
  const { from, sender } = mail;
  const [replyTo, ...others] = mail.replyTo.filter((each) => !isOwn(each));
  const visitor = replyTo && others.length === 0 ? replyTo : null;
  if (from) return visitor && (isOwn(from) || systemLocalPart.test(from.address)) ? visitor : from;
  return sender ?? visitor ?? fromEnvelope(envelopeFrom);
}

function fromEnvelope(envelopeFrom: string | null): MailAddress | null {
  const address = envelopeFrom === null ? null : normaliseAddress(envelopeFrom);
  return address === null ? null : { name: '', address };
}
