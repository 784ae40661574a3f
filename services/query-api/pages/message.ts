import type { TimelineEntry } from '#contracts/api/tickets.ts';
import { type Html, html } from '#packages/http/html.ts';
import { bytes } from './format.ts';

/**
 * The HTML of a mail, in a frame that can run nothing, load nothing and reach nothing of the page around it. It was
 * sanitised before it entered the log; this holds should that ever fail.
 */
export const safeFrame = (content: string): Html =>
  html`<details><summary>As formatted by the sender</summary><iframe sandbox="" title="Message" srcdoc="${content}"></iframe></details>`;

const attachmentList = (attachments: TimelineEntry['attachments']): Html =>
  html`<ul class="files">${attachments.map(
    ({ href, name, size }) => html`<li><a href="${href}">${name}</a> <span class="hint">${bytes(size)}</span></li>`,
  )}</ul>`;

/** Text, formatted twin and files of a message. */
export const messageBody = ({ text, html: formatted, attachments }: TimelineEntry): Html => html`
  <div class="text">${text}</div>
  ${formatted && safeFrame(formatted)}
  ${attachments.length > 0 && attachmentList(attachments)}`;
