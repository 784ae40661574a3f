import { escapeHtml } from '#packages/kernel/escape-html.ts';
import { htmlToText, textToHtml } from './html-text.ts';
import { cleanLine, truncate } from './plain-text.ts';

/** Subject and both forms of the body of an outgoing mail. */
export type MailText = { readonly subject: string; readonly text: string; readonly html: string };

/** What every mail about a ticket says. */
export type TicketMail = {
  readonly ticketNumber: number;
  readonly subject: string;
  /** How the desk signs, the name of the mailbox for one. */
  readonly deskName: string;
};

const maxSubject = 200;
const replyPrefix = /^\s*(?:(?:re|aw|antw|sv|vs|odp|ynt|res|回复|答复|回覆)(?:\[\d+\])?\s*[:：]\s*)+/iu;
const numberTag = /\s*\[#\d{1,15}\]/g;

/** `Re: Printer on fire [#1234]`, however often the subject went back and forth. */
export function replySubject(subject: string, ticketNumber: number): string {
  const bare = cleanLine(subject.replace(numberTag, ''), Number.POSITIVE_INFINITY).replace(replyPrefix, '');
  return `Re: ${truncate(bare, maxSubject)} [#${ticketNumber}]`;
}

/** Tells the requester that the request arrived and under which number. */
export function acknowledgement(mail: TicketMail & { readonly requesterName: string }): MailText {
  const { deskName, requesterName, subject, ticketNumber } = mail;
  const quoted = truncate(cleanLine(subject, Number.POSITIVE_INFINITY), maxSubject);
  const text = [
    requesterName === '' ? 'Hello,' : `Hello ${cleanLine(requesterName, 100)},`,
    `thank you for your message “${quoted}”. It has arrived and has the number #${ticketNumber}. We will get back to you as soon as we can.`,
    `If you want to add something, just answer this mail.`,
    cleanLine(deskName, 100),
  ].join('\n\n');
  return { subject: replySubject(subject, ticketNumber), text, html: textToHtml(text) };
}

/** An agent's answer. `html` is sanitised already; without it the text is all there is. */
export function reply(
  mail: TicketMail & { readonly agentName: string; readonly text: string; readonly html: string | null },
): MailText {
  const { agentName, deskName, html, subject, text, ticketNumber } = mail;
  const signature = [cleanLine(agentName, 100), cleanLine(deskName, 100)].filter((line) => line !== '');
  const footer = `Ticket #${ticketNumber}. To go on with it, just answer this mail.`;
  const body = text.trim() === '' && html ? htmlToText(html) : text.trim();
  return {
    subject: replySubject(subject, ticketNumber),
    text: `${body}\n\n${signature.join('\n')}\n\n${footer}`,
    html: [
      html ?? textToHtml(body),
      `<p>${signature.map(escapeHtml).join('<br>')}</p>`,
      `<p style="color:#666666;font-size:12px">${escapeHtml(footer)}</p>`,
    ].join('\n'),
  };
}

/** Tells somebody what was said on a ticket that is not theirs; `said` null: the words are not for them. */
export function commentNews(
  mail: TicketMail & {
    readonly authorName: string;
    /** Why they are told: they are mentioned, or follow the ticket. */
    readonly because: 'mention' | 'follower';
    readonly isInternal: boolean;
    readonly said: { readonly text: string; readonly html: string | null } | null;
  },
): MailText {
  const { authorName, because, deskName, isInternal, said, subject, ticketNumber } = mail;
  const { html, text } = said ?? { html: null, text: 'You may read what is public there.' };
  const inside = said && isInternal ? ', in a note that stays inside the desk' : '';
  const where =
    because === 'mention'
      ? `mentioned you on ticket #${ticketNumber}`
      : `wrote on ticket #${ticketNumber}, which you follow`;
  const opening = `${cleanLine(authorName, 100)} ${where}${inside}${said ? ':' : '.'}`;
  const body = text.trim() === '' && html ? htmlToText(html) : text.trim();
  const footer = cleanLine(deskName, 100);
  return {
    subject: replySubject(subject, ticketNumber),
    text: `${opening}\n\n${body}\n\n${footer}`,
    html: [`<p>${escapeHtml(opening)}</p>`, html ?? textToHtml(body), `<p>${escapeHtml(footer)}</p>`].join('\n'),
  };
}
