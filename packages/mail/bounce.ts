import type { ParsedMail } from './parsed-mail.ts';

export type BounceVerdict = {
  /** False for a warning that delivery is late and still tried. */
  readonly permanent: boolean;
  readonly reason: string;
  readonly failedRecipients: readonly string[];
};

type Mail = Pick<ParsedMail, 'headers' | 'from' | 'subject' | 'full' | 'reported' | 'reportType' | 'attachments'>;

/** Senders that are mail systems and nothing else. */
const systemSender =
  /mailer[-._ ]?daemon|\bmdaemon\b|post-?master|mail[-._ ]delivery|delivery[-._ ](?:sub)?system|mail system|system administrator/i;
/** Words in the addresses of gateways and filters, which write in their own name. */
const gatewaySender =
  /smtp|gateway|inetgw|antivirus|virus|imss|\bndr\b|daemon|bounce|mailgate|\badmin(?:istrator)?\b|no-?reply|mail[-._]?service/i;

const failureSubject = new RegExp(
  [
    'undeliver(?:ed|able)|non[- ]?deliver|not (?:be )?delivered|deliver(?:y|ed)? (?:status|report|problem|error|failure|failed|has failed|warning|notification)',
    'mail (?:delivery|could not|error|system error|not delivered)|mail failed|failure (?:notice|delivery)|failed mail|returned (?:mail|to sender)',
    'permanent (?:delivery )?(?:failure|error)|delivery failure|delivery failed|delayed|processing error|rejected mail|user unknown',
    'message (?:delayed|has not yet been delivered|delivery)|nicht zugestellt|unzustellbar|zustellung|remise|non remis|échec|no entregado',
    'no se (?:pudo|ha podido) entregar|devuelto|mancato recapito|não entregue|niet bezorgd|недостав|не доставлен|niedostarcz|退信|配信',
  ].join('|'),
  'i',
);
const failureText = new RegExp(
  [
    '\\b5\\d\\d[ -]#?5\\.\\d+\\.\\d+|\\b5[0-5]\\d\\b[^\\n]{0,80}(?:unknown|unavailable|rejected|denied|not exist|disabled|full)',
    'could not be delivered|couldn.t be delivered|cannot be delivered|wasn.t able to deliver|unable to deliver|unable to send|not able to deliver',
    'not (?:yet )?(?:been )?delivered|did not reach|failed recipient|following (?:address|recipient|e-?mail)|user unknown|unknown user|no such user',
    'mailbox (?:is )?(?:full|unavailable)|mailbox quota|does not exist|delivery (?:to|of|has|attempt|failed|failure)|permanent (?:fatal )?error|undeliver',
    'returned (?:mail|message|to)|original message follows|addresses? had|transcript of session|no account by that name',
    'n.a pas pu être|non recensé|konnte nicht|no pudo ser|не (?:был[ао]? )?доставлен|не может быть доставлен',
  ].join('|'),
  'i',
);
/** Sentences that only mail systems write. */
const machineText =
  /created automatically by mail delivery software|this is an? (?:automatic|automated|advisory)|non-?delivery report|delivery attempts will continue|do not reply to (?:it|this)|failed recipients/i;
/** How a notice begins that was written by no person, if its sender has no name either. */
const machineOpening =
  /your (?:e-?mail|mail|message)[^.\n]{0,80} (?:could|can|was|has)\s?not (?:be(?:en)? )?delivered/i;
const openingLength = 300;
const delayText =
  /still being retried|delayed|postponed|not (?:yet )?been delivered (?:after|yet)|has not yet been delivered|will (?:continue|keep) (?:to )?try|attempts? will continue|will be retried|delivery warning|warning: .{0,60}(?:delayed|not yet)|no action is required/i;

/** Start of the text that is looked at; the returned message often follows and says all sorts of things. */
const lookedAt = 3000;

/**
 * Tells whether a mail says that another one could not be delivered: by its report (RFC 3464) or, as many mail systems send
 * none, by who sent it together with what it says. Words alone prove nothing: people ask for help with bounces, too.
 */
export function readBounce(mail: Mail, nullSender: boolean): BounceVerdict | null {
  const { reported, headers } = mail;
  const named = (headers['x-failed-recipients'] ?? [])
    .flatMap((value) => value.split(','))
    .map((value) => value.trim());
  const failed = reported.filter(({ action, status }) => action === 'failed' || (!action && status?.startsWith('5')));
  const delayed = reported.filter(({ action, status }) => action === 'delayed' || (!action && status?.startsWith('4')));
  if (failed.length > 0 || delayed.length > 0) {
    const recipients = (failed.length > 0 ? failed : delayed).flatMap(({ address }) => address ?? []);
    const what = failed.length > 0 ? 'failed' : 'is late';
    return {
      permanent: failed.length > 0,
      failedRecipients: recipients,
      reason: `Its delivery status report (RFC 3464) says that delivery ${what}${recipients.length > 0 ? ` for ${recipients.join(', ')}` : ''}.`,
    };
  }
  if (reported.some(({ action }) => action !== null)) return null;
  if (named.length > 0) {
    return {
      permanent: !isDelay(mail),
      failedRecipients: named,
      reason: 'Its header X-Failed-Recipients names who did not get a mail.',
    };
  }
  const evidence = evidenceOf(mail, nullSender);
  if (evidence === null) return null;
  return { permanent: !isDelay(mail), failedRecipients: [], reason: `Delivery report: ${evidence}.` };
}

function evidenceOf(mail: Mail, nullSender: boolean): string | null {
  const { headers, subject, full, attachments } = mail;
  const sender = `${headers['from']?.join(' ') ?? ''} ${headers['return-path']?.join(' ') ?? ''}`;
  const text = full.text.slice(0, lookedAt);
  const bySystem = systemSender.test(sender);
  const automatic = 'auto-submitted' in headers || 'precedence' in headers;
  const surelyAutomatic = bySystem || nullSender || mail.from === null || mail.reportType === 'delivery-status';
  const namelessMachine = mail.from?.name === '' && machineOpening.test(text.slice(0, openingLength));
  const perhapsAutomatic = automatic || namelessMachine || gatewaySender.test(sender) || machineText.test(text);
  const subjectSays = failureSubject.test(subject);
  const textSays = failureText.test(text) || machineText.test(text);
  const returned = attachments.some(({ mediaType }) => /^(message\/rfc822|text\/rfc822-headers)$/.test(mediaType));
  const proven = surelyAutomatic
    ? subjectSays || textSays || (bySystem && returned)
    : perhapsAutomatic && subjectSays && (textSays || returned);
  if (!proven) return null;
  const origin = bySystem ? 'a mail system sent it' : nullSender ? 'it has no return address' : 'a program sent it';
  return `${origin}, and its ${subjectSays ? 'subject' : 'text'} says that a mail was not delivered`;
}

const isDelay = ({ subject, full }: Mail): boolean => delayText.test(`${subject}\n${full.text.slice(0, lookedAt)}`);
