import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { Html, html } from '#packages/http/html.ts';
import { scoreWords } from '#packages/mail/rating-link.ts';

/** The page stands alone: it is for people who know no other page of the desk, and loads nothing. */
const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.4rem; line-height: 1.3; }
fieldset { border: 0; margin: 0 0 1.2rem; padding: 0; display: flex; gap: .5rem; flex-wrap: wrap; }
legend { padding: 0; margin-bottom: .5rem; }
fieldset label { flex: 1 1 2.9rem; text-align: center; border: 1px solid GrayText; border-radius: .5rem; padding: .6rem .2rem; cursor: pointer; }
fieldset label:has(:checked) { outline: 3px solid Highlight; }
fieldset input { display: block; margin: 0 auto .3rem; width: 1.2rem; height: 1.2rem; }
textarea { width: 100%; box-sizing: border-box; min-height: 7rem; font: inherit; padding: .5rem; }
button { font: inherit; padding: .6rem 1.4rem; margin-top: 1rem; cursor: pointer; }
`;
const styleHash = createHash('sha256').update(style).digest('base64');
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`;

/** Response schema of the page. */
export const ratingPageSchema = {
  hide: true,
  response: { 200: { description: 'A page', content: { 'text/html': { schema: Type.String() } } } },
};

export type RatingPage = {
  readonly ticketNumber: number;
  readonly question: string;
  /** What is chosen when the page opens; null: nothing. */
  readonly score: number | null;
  readonly comment: string;
  readonly thanks: boolean;
};

const choice = (score: number, chosen: number | null): Html =>
  html`<label><input type="radio" name="score" value="${score}" required${score === chosen && html` checked`}>${score}<br>${scoreWords[score - 1]}</label>`;

/** Sends the page that asks for a rating. Opening it changes nothing: mail scanners open every link of a mail. */
export function sendRatingPage(reply: FastifyReply, page: RatingPage): FastifyReply {
  const title = `Ticket #${page.ticketNumber}`;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(style)}</style>
</head>
<body>
<h1>${page.thanks ? 'Thank you, your rating is noted.' : page.question}</h1>
<p>${title}${page.thanks && '. You can still change what you said.'}</p>
<form method="post">
<fieldset><legend>How satisfied are you?</legend>${[1, 2, 3, 4, 5].map((score) => choice(score, page.score))}</fieldset>
<label for="comment">What should we know? (optional)</label>
<textarea id="comment" name="comment" maxlength="5000">${page.comment}</textarea>
<button type="submit">${page.thanks ? 'Change' : 'Send'}</button>
</form>
</body>
</html>
`;
  return reply
    .headers({ 'content-security-policy': policy, 'x-robots-tag': 'noindex' })
    .type('text/html; charset=utf-8')
    .send(document.text);
}
