import { Type } from 'typebox';
import type { HistoryEntry } from '#contracts/api/history.ts';
import { TicketParams } from '#contracts/api/tickets.ts';
import { streams } from '#contracts/events/streams.ts';
import { Strict } from '#contracts/primitives.ts';
import { principalOf } from '#packages/http/auth.ts';
import { type Html, html } from '#packages/http/html.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import type { TicketRow } from '#packages/read-db/tables.ts';
import { reads, staff } from '../reading.ts';
import { loadNames, type Names } from '../reads/names.ts';
import { readable } from '../redactions.ts';
import { openTicket } from '../ticket-source.ts';
import { momentOf } from '../time-travel.ts';
import { historyEntry, personActors } from '../views/event.ts';
import { type Reader, readerOf } from '../views/reader.ts';
import { idsOf, ticketSummary } from '../views/ticket.ts';
import type { PagesDeps } from './deps.ts';
import { badge, exactTime } from './format.ts';
import { pageSchema, sendPage } from './layout.ts';

/** What of a ticket's state the replay shows, in words. */
function stateOf(row: TicketRow | undefined, names: Names, reader: Reader): ReadonlyMap<string, string> {
  if (!row) return new Map();
  const ticket = ticketSummary(row, names, reader);
  return new Map([
    ['Subject', ticket.subject],
    ['Requester', ticket.requester.name],
    ['Company', ticket.company?.name ?? '–'],
    ['Status', ticket.customStatus ? `${ticket.status} (${ticket.customStatus.name})` : ticket.status],
    ['Returns', ticket.resumeAt ?? '–'],
    ['Customer silent since', ticket.customerSilent?.since ?? '–'],
    ['Closes', ticket.closesAt ?? '–'],
    ['Priority', ticket.priority],
    ['Group', ticket.group?.name ?? '–'],
    ['Agent', ticket.agent?.name ?? '–'],
    ['Type', ticket.typeId ?? '–'],
    ['Service', ticket.serviceId ?? '–'],
    ['Language', ticket.language ?? '–'],
    ['Due date', ticket.dueDate ?? '–'],
    ['Impact and urgency', row.impact === null ? '–' : `${row.impact}, ${row.urgency}`],
    ['Tags', ticket.tags.join(', ') || '–'],
    ['Followers', row.followers.map((id) => names.person(id).name).join(', ') || '–'],
    ['Fields', fieldsText(row)],
    ['Work', `${row.work_minutes} min, ${row.work_billable_minutes} billable`],
    ['Comments', String(ticket.commentCount)],
    ['Customer waits since', ticket.waitingSince ?? '–'],
    ['Next due', ticket.due ? `${ticket.due.at} (${ticket.due.clock})` : '–'],
    ['Breached', ticket.breached.join(', ') || '–'],
    ['Resolved', ticket.resolvedAt ?? '–'],
  ]);
}

const fieldsText = ({ fields }: TicketRow): string =>
  Object.entries(fields)
    .map(([id, value]) => `${id} = ${String(value)}`)
    .join(', ') || '–';

const stateTable = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Html =>
  html`<dl class="state">${[...after].map(([name, value]) => {
    const was = before.get(name);
    const changed = was !== value;
    return html`<dt>${name}</dt><dd${changed && html` class="changed"`}>${changed && was !== undefined && html`<s>${was}</s> `}${value}</dd>`;
  })}</dl>`;

/** What led to an event: an event, the same command as an earlier one, or somebody outside. */
function causeOf(event: HistoryEntry, all: readonly HistoryEntry[]): Html {
  const cause = all.find(({ id }) => id === event.causationId);
  if (cause) return html`<a href="?step=${cause.version}">step ${cause.version}</a>`;
  const first = all.find(({ commandId }) => commandId === event.commandId);
  if (first && first.version < event.version)
    return html`together with <a href="?step=${first.version}">step ${first.version}</a>`;
  return html`${event.causationId ?? 'somebody outside'}`;
}

const eventView = (event: HistoryEntry, all: readonly HistoryEntry[]): Html =>
  html`<h2>${event.type}</h2>
    <dl>
      <dt>When</dt><dd>${exactTime(event.at)} UTC</dd>
      <dt>Who</dt><dd>${event.actor.name} ${badge(event.actor.kind)} by way of ${event.source}</dd>
      <dt>Caused by</dt><dd>${causeOf(event, all)}</dd>
      <dt>Position</dt><dd>${event.position}</dd>
    </dl>
    <details><summary>Data</summary><pre>${JSON.stringify(event.data, null, 2)}</pre></details>`;

const steps = (events: readonly HistoryEntry[], step: number): Html =>
  html`<ol class="steps">${events.map(
    ({ type, at, actor, version }) => html`<li${version === step && html` class="here"`}>
      <a href="?step=${version}">${type}</a> <span class="hint">${exactTime(at)} ${actor.name}</span></li>`,
  )}</ol>`;

const controls = (step: number, last: number): Html => html`<form class="slider" method="get">
  ${step > 1 ? html`<a class="button" href="?step=${step - 1}">← Before</a>` : html`<span class="button off">← Before</span>`}
  <input type="range" name="step" min="1" max="${last}" value="${step}" aria-label="Step">
  <button type="submit">Go</button>
  ${step < last ? html`<a class="button" href="?step=${step + 1}">After →</a>` : html`<span class="button off">After →</span>`}
</form>`;

const Step = Strict({ step: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })) });

const Numbered = Strict({ ticket: Type.String({ pattern: '^#?[1-9][0-9]{0,8}$' }) });

/** Takes the number from the form of the front page to the replay of that ticket. */
export function registerReplayByNumber(app: HttpServer): void {
  app.get(
    '/replay',
    {
      config: { access: 'public' },
      schema: { hide: true, querystring: Numbered, response: { 303: Type.Null({ description: 'On to the replay' }) } },
    },
    async (request, reply) => reply.redirect(`/tickets/${request.query.ticket.replace('#', '')}/replay`, 303),
  );
}

/** Steps through the events of a ticket: each with who, what and why, and what it changed. Folded from the log alone. */
export function registerReplayPage(app: HttpServer, deps: PagesDeps): void {
  app.get(
    '/tickets/:ticket/replay',
    {
      preHandler: reads(deps, 'tickets').preHandler,
      config: { access: staff, session: true },
      schema: { ...pageSchema, params: TicketParams, querystring: Step },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { row } = await openTicket(deps, request.params.ticket, principal);
      const events = await readable(deps.db, await deps.store.readStream(streams.ticket(row.id)));
      const step = Math.min(request.query.step ?? 1, events.length);
      const before = momentOf(events.slice(0, step - 1))?.row;
      const after = momentOf(events.slice(0, step))?.row;
      const rows = [before, after].filter((each) => each !== undefined);
      const ids = idsOf(rows);
      const names = await loadNames(deps.db, {
        ...ids,
        people: [...ids.people, ...rows.flatMap(({ followers }) => followers), ...personActors(events)],
      });
      const entries = events.map((event) => historyEntry(event, names));
      const reader = readerOf(deps, principal, { past: true });
      const shown = entries[step - 1];
      const main = html`
        <h1>Replay of <a href="/tickets/${row.number}">#${row.number}</a></h1>
        <p>Step ${step} of ${events.length}</p>
        ${controls(step, events.length)}
        <div class="replay">
          <section>${shown && eventView(shown, entries)}<h2>Then</h2>${stateTable(stateOf(before, names, reader), stateOf(after, names, reader))}</section>
          <section><h2>Steps</h2>${steps(entries, step)}</section>
        </div>`;
      return sendPage(reply, { title: `Replay of #${row.number}`, viewer: principal, path: '', main });
    },
  );
}
