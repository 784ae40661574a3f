import { MailParams, OutboxQuery } from '#contracts/api/mail.ts';
import { principalOf } from '#packages/http/auth.ts';
import { html } from '#packages/http/html.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { reads, staff } from '../reading.ts';
import { findOutbound, listOutbound } from '../reads/mail.ts';
import { nextLink } from '../reads/paging.ts';
import { outboundMail, outboundSummary } from '../views/mail.ts';
import type { PagesDeps } from './deps.ts';
import { badge, time } from './format.ts';
import { pageSchema, sendPage, table } from './layout.ts';
import { safeFrame } from './message.ts';

/** What the desk has sent by mail, and one of those mails. */
export function registerOutboxPages(app: HttpServer, deps: PagesDeps): void {
  const { preHandler } = reads(deps, 'mail');
  const config = { access: staff, session: true };

  app.get(
    '/outbox',
    { preHandler, config, schema: { ...pageSchema, querystring: OutboxQuery } },
    async (request, reply) => {
      const page = await listOutbound(deps.db, request.query);
      const next = nextLink(request.url, page.cursor);
      const mails = page.rows.map(outboundSummary);
      const list = table(
        ['Queued', 'To', 'Subject', 'Kind', 'State', 'Answer'],
        mails.map((mail) => [
          time(mail.queuedAt),
          mail.to.join(', '),
          html`<a href="/outbox/${mail.id}">${mail.subject}</a>`,
          mail.template,
          badge(mail.state),
          mail.response ?? '–',
        ]),
        { stacks: true },
      );
      const main = html`<h1>Outbox</h1>
        ${mails.length === 0 ? html`<p>Nothing has been sent yet.</p>` : list}
        ${next && html`<p><a href="${next}">Older</a></p>`}
        <p class="hint">Times are UTC.</p>`;
      return sendPage(reply, { title: 'Outbox', viewer: principalOf(request), path: '/outbox', main });
    },
  );

  app.get(
    '/outbox/:mail',
    { preHandler, config, schema: { ...pageSchema, params: MailParams } },
    async (request, reply) => {
      const row = await findOutbound(deps.db, request.params.mail);
      if (!row) throw new AppError('MAIL_NOT_FOUND');
      const mail = outboundMail(row);
      const main = html`<h1>${mail.subject}</h1>
        <dl>
          <dt>From</dt><dd>${mail.from}</dd>
          <dt>To</dt><dd>${mail.to.join(', ')}</dd>
          ${mail.cc.length > 0 && html`<dt>Cc</dt><dd>${mail.cc.join(', ')}</dd>`}
          <dt>Message-ID</dt><dd><code>${mail.messageId}</code></dd>
          <dt>In-Reply-To</dt><dd><code>${mail.inReplyTo ?? '–'}</code></dd>
          <dt>References</dt><dd><code>${mail.references.join(' ') || '–'}</code></dd>
          <dt>State</dt><dd>${badge(mail.state)} after ${mail.attempts} attempts${mail.response && html`: ${mail.response}`}</dd>
          <dt>Queued</dt><dd>${time(mail.queuedAt)}</dd>
          <dt>Ticket</dt><dd><a href="/tickets/${mail.ticketId}">open</a></dd>
        </dl>
        <div class="text">${mail.text}</div>
        ${mail.html && safeFrame(mail.html)}`;
      return sendPage(reply, { title: mail.subject, viewer: principalOf(request), path: '/outbox', main });
    },
  );
}
