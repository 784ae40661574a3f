import { type Html, html } from '#packages/http/html.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { PagesDeps } from './deps.ts';
import { badge, time } from './format.ts';
import { pageSchema, sendPage, table } from './layout.ts';
import { signInForm } from './sign-in.ts';
import type { DeskStatus } from './status.ts';

const card = (href: string, name: string, about: string): Html =>
  html`<a class="card" href="${href}"><strong>${name}</strong><span>${about}</span></a>`;

const links = html`<div class="cards">
  ${card('/queues', 'Queues', 'Open tickets by group and state, and from each ticket on to the replay of its history')}
  ${card('/outbox', 'Outbox', 'What the desk has sent by mail and what became of it')}
  ${card('/kpi', 'KPI report', 'Reaction and resolution times, breaches, backlog, each with its definition')}
  ${card('/docs', 'API reference', 'REST for front ends and integrators; the same as OpenAPI at /openapi.json')}
  <form class="card" method="get" action="/replay">
    <label for="ticket"><strong>Replay of a ticket</strong></label>
    <span>How it came about, step by step, from the log</span>
    <span class="one-line"><input id="ticket" name="ticket" inputmode="numeric" pattern="#?[1-9][0-9]*" placeholder="number, e.g. 1001" required> <button type="submit">Replay</button></span>
  </form>
  ${card('/readyz', 'Readiness', 'For load balancers; /healthz and /metrics are beside it')}
</div>`;

function state(status: DeskStatus): Html {
  return html`
    <h2>Where to reach it</h2>
    <dl>
      ${status.listeners.map(({ name, address }) => html`<dt>${name}</dt><dd><code>${address}</code></dd>`)}
      ${status.mailboxes.map(({ name, address }) => html`<dt>Mailbox ${name}</dt><dd><code>${address}</code></dd>`)}
      <dt>Outgoing mail</dt><dd>${status.outgoingMail}</dd>
    </dl>
    <h2>What runs</h2>
    <p>Version ${status.version}, since ${time(status.startedAt)} UTC. The log is at position ${status.logPosition}.</p>
    ${table(
      ['Service', 'State', 'Has handled the log up to'],
      status.services.map(({ name, state: word, position }) => [
        name,
        badge(word),
        position === null ? '–' : `${position}`,
      ]),
    )}
    ${table(
      ['Read model', 'State', 'Position', 'Behind by'],
      status.projections.map(({ name, version, status: word, position, lag }) => [
        `${name} v${version}`,
        badge(word),
        `${position}`,
        lag === 0n ? 'nothing' : `${lag} events`,
      ]),
    )}`;
}

/** The front page tells what runs here to everybody who can reach it, and nothing about tickets or people. */
export function registerFrontPage(app: HttpServer, deps: PagesDeps): void {
  app.get('/', { config: { access: 'public', session: true }, schema: pageSchema }, async (request, reply) => {
    const main = html`
      <h1>Deskledger</h1>
      <p>A help desk whose ledger is the truth: every ticket is a stream of events, and every queue, deadline and figure
      is computed from that log.</p>
      ${request.principal === null && signInForm('/queues')}
      ${links}
      ${state(await deps.status())}`;
    return sendPage(reply, { title: 'Front page', viewer: request.principal, path: '/', main });
  });
}
