import { readBounce } from './bounce.ts';
import { isOwnMessageId, loopHeader } from './own-mail.ts';
import type { ParsedMail } from './parsed-mail.ts';
import { baseAddress } from './reply-address.ts';

export type Classification = 'person' | 'auto-reply' | 'bounce' | 'list' | 'own';

export type Classified = {
  readonly classification: Classification;
  /** Nothing may be sent in answer to it without a person's doing. */
  readonly automatic: boolean;
  /** One sentence for the person who asks why. */
  readonly reason: string;
  /** Of a bounce: false while the mail system keeps trying. */
  readonly permanent: boolean;
  /** Of a bounce: addresses that were not reached, as far as it names them in a way that programs can read. */
  readonly failedRecipients: readonly string[];
};

export type ClassifyOptions = {
  /** Reverse-path of the envelope, null for `<>`; undefined when it is not known, as over IMAP. */
  readonly envelopeFrom: string | null | undefined;
  /** Addresses of the desk's mailboxes, normalised. */
  readonly ownAddresses: ReadonlySet<string>;
  /** Domain of the Message-IDs that the desk makes. */
  readonly ownDomain: string;
};

/** Subjects that mail programs give to absence notes. A person may write one, so alone they prove nothing. */
const absenceSubject =
  /^\s*(?:auto(?:matic|matische|matisch|matica)?[ -]?(?:reply|response|antwort|antwoord|svar|matyczna)|automatisk svar|out of (?:the )?office|abwesend|abwesenheit|réponse automatique|absence|respuesta automática|fuera de la oficina|risposta automatica|fuori sede|resposta automática|afwezig|odpowied[zź] automatyczna|автоматический ответ|автоответ|automaattinen vastaus|frånvaro|fravær|自動(?:回覆|応答|返信)|自动(?:回复|答复))/i;
const noReplySender = /^(?:no|do[-_.]?not|dont|never)[-_.]?reply(?:[-_.+]|@)/;
const autoReplyHeaders = ['x-autoreply', 'x-autorespond', 'x-auto-reply-from', 'x-autoresponder', 'x-mail-autoreply'];
const listHeaders = ['list-id', 'list-unsubscribe', 'list-post', 'x-mailing-list', 'feedback-id'];

/**
 * Tells what kind of mail this is, so that nothing automatic is answered automatically (RFC 3834 2). What a person
 * may have written counts as written by a person.
 */
export function classify(mail: ParsedMail, { envelopeFrom, ownAddresses, ownDomain }: ClassifyOptions): Classified {
  const { headers } = mail;
  const value = (name: string): string => headers[name]?.at(-1)?.toLowerCase() ?? '';
  const isOwn = (address: string): boolean => ownAddresses.has(address) || ownAddresses.has(baseAddress(address));
  const answerTo = mail.replyTo.find(({ address }) => !isOwn(address));

  if (value(loopHeader) === ownDomain || (mail.messageId && isOwnMessageId(mail.messageId, ownDomain))) {
    return verdict('own', 'The desk sent it itself.');
  }
  // A web form on the own site sends in the name of the desk and puts the visitor into Reply-To.
  if (mail.from && isOwn(mail.from.address) && !answerTo) {
    return verdict('own', `It comes from the mailbox ${mail.from.address} of the desk itself.`);
  }

  const nullSender = envelopeFrom === null || /^<>$|^<?mailer-daemon/.test(value('return-path'));
  const bounce = readBounce(mail, nullSender);
  if (bounce) return { ...verdict('bounce', bounce.reason), ...bounce };

  const autoReply = autoReplyEvidence(mail, value, nullSender);
  if (autoReply) return verdict('auto-reply', autoReply);

  const mass = massMailEvidence(headers, value);
  if (mass) return verdict('list', mass);
  if (mail.from && noReplySender.test(mail.from.address) && !answerTo) {
    return verdict('list', `Nobody reads answers to ${mail.from.address}.`);
  }
  return verdict('person', 'Nothing in its header says that a program sent it.');
}

type HeaderValue = (name: string) => string;

function autoReplyEvidence(mail: ParsedMail, value: HeaderValue, nullSender: boolean): string | null {
  const submitted = value('auto-submitted');
  if (submitted.startsWith('auto-replied')) return 'Its header says Auto-Submitted: auto-replied (RFC 3834).';
  const header = autoReplyHeaders.find((name) => name in mail.headers && value(name) !== 'no');
  if (header) return `Its header has ${header}.`;
  if (/auto[-_]?reply/.test(value('precedence'))) return `Its header says Precedence: ${value('precedence')}.`;
  if (mail.reportType !== null) return `It is a report (${mail.reportType}) that a program made.`;
  const answers = mail.inReplyTo.length > 0 || mail.references.length > 0;
  if (isProgramMade(value) && answers) return 'A program sent it, and it answers another mail.';
  const absent = absenceSubject.test(mail.subject);
  if (absent && (answers || isProgramMade(value) || nullSender))
    return 'Its subject is that of an absence note, and its header fits.';
  return nullSender ? 'It has no return address, as automatic answers do (RFC 3834 3.3).' : null;
}

/** Made by a program of its own accord, like an alert: it deserves a ticket and no automatic answer. */
function massMailEvidence(headers: ParsedMail['headers'], value: HeaderValue): string | null {
  const header = listHeaders.find((name) => name in headers);
  if (header) return `Its header has ${header}, as mail to many has.`;
  if (/^(?:bulk|junk|list)/.test(value('precedence'))) return `Its header says Precedence: ${value('precedence')}.`;
  return isProgramMade(value) ? 'Its header says that a program sent it.' : null;
}

const isProgramMade = (value: HeaderValue): boolean =>
  /^auto-/.test(value('auto-submitted')) || /\b(?:all|oof|autoreply)\b/.test(value('x-auto-response-suppress'));

const verdict = (classification: Classification, reason: string): Classified => ({
  classification,
  automatic: classification !== 'person',
  reason,
  permanent: false,
  failedRecipients: [],
});
