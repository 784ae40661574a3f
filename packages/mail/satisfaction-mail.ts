import { escapeHtml } from '#packages/kernel/escape-html.ts';
import { textToHtml } from './html-text.ts';
import { cleanLine, truncate } from './plain-text.ts';
import { scoreWords } from './rating-link.ts';
import { type MailText, replySubject, type TicketMail } from './templates.ts';

/** From the best to the worst, as people read a scale of praise. */
const scores = [5, 4, 3, 2, 1] as const;
const linkStyle =
  'display:inline-block;margin:0 6px 8px 0;padding:10px 16px;border:1px solid #888888;border-radius:6px;color:inherit;text-decoration:none';

/** Asks who wanted something how it was solved, by a link per score. */
export function satisfactionQuestion(
  mail: TicketMail & {
    readonly requesterName: string;
    readonly question: string;
    readonly openDays: number;
    /** Where a score is given. */
    readonly urlOf: (score: number) => string;
  },
): MailText {
  const { deskName, openDays, question, requesterName, subject, ticketNumber, urlOf } = mail;
  const quoted = truncate(cleanLine(subject, Number.POSITIVE_INFINITY), 200);
  const days = openDays === 1 ? 'for one day' : `for ${openDays} days`;
  const before = [
    requesterName === '' ? 'Hello,' : `Hello ${cleanLine(requesterName, 100)},`,
    `your request “${quoted}” (#${ticketNumber}) has been solved. ${cleanLine(question, 300)}`,
  ].join('\n\n');
  const after = [
    `Each link opens a page with that answer chosen; it counts once you send it there, which is possible ${days}.`,
    'If something is still open, just answer this mail.',
    cleanLine(deskName, 100),
  ].join('\n\n');
  const lines = scores.map((score) => `${score} – ${scoreWords[score - 1]}: ${urlOf(score)}`);
  const links = scores.map(
    (score) =>
      `<a href="${escapeHtml(urlOf(score))}" style="${linkStyle}">${score}&nbsp;–&nbsp;${scoreWords[score - 1]?.replace(' ', '&nbsp;')}</a>`,
  );
  return {
    subject: replySubject(subject, ticketNumber),
    text: `${before}\n\n${lines.join('\n')}\n\n${after}`,
    html: [textToHtml(before), `<p>${links.join('\n')}</p>`, textToHtml(after)].join('\n'),
  };
}
