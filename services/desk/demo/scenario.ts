import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { FeedEvent, HistoryEntry } from '#contracts/api/history.ts';
import type { InboundMail, OutboundMail, OutboundMailSummary } from '#contracts/api/mail.ts';
import type { KpiReport } from '#contracts/api/reports.ts';
import type { Ticket, TimelineEntry } from '#contracts/api/tickets.ts';
import type { Desk } from '../desk.ts';
import { type Client, createClient } from './client.ts';
import { createMailer } from './mailer.ts';
import { createNarrator, type Narrator } from './narrator.ts';
import { assembleTeam } from './team.ts';

type Page<T> = { items: T[] };
type Scene = {
  client: Client;
  agent: Client;
  mailer: ReturnType<typeof createMailer>;
  say: Narrator;
  url: string;
  run: string;
  domain: string;
};

/**
 * Plays the main job on a running desk: a mail becomes a ticket, is routed, acknowledged, answered, timed, counted and
 * replayed. Everything goes the way of real users, SMTP and REST. Throws when the desk does not do its part.
 */
export async function playScenario(options: {
  desk: Desk;
  stdout: Writable;
  mailDomain: string;
  signal: AbortSignal;
}): Promise<void> {
  const { desk, mailDomain: domain, signal, stdout } = options;
  const run = randomBytes(4).toString('hex');
  const say = createNarrator(stdout);
  const client = createClient({ url: desk.url, token: await desk.token('admin', 'demo'), signal });
  const mailer = createMailer({ address: desk.smtpAddress, log: desk.log });
  say.step('A team is set up over REST');
  const team = await assembleTeam(client, { mailDomain: domain, run });
  say.fact('agents', team.agents.map(({ name }) => name).join(', '));
  const agent = createClient({ url: desk.url, token: team.token, signal });
  const scene: Scene = { client, agent, mailer, say, url: desk.url, run, domain };

  const ticket = await newRequest(scene);
  const answerId = await answer(scene, ticket);
  await replyInThread(scene, ticket, answerId);
  await colleague(scene);
  await outOfOffice(scene, ticket, answerId);
  await resolve(scene, ticket);
  await figures(scene);
  await replay(scene, ticket);
  stdout.write(
    `\nLook around: open ${desk.url}/ and sign in with this token of an admin (made for this run):\n  ${await desk.token('admin', 'demo browser')}\n\nThe desk stays up until Ctrl-C.\n`,
  );
}

/** What the desk decided about the n-th mail of this run. */
const decided = (scene: Scene, n: number): Promise<InboundMail> =>
  scene.client.until(`mail ${n} is processed`, '/v1/inbox?limit=50', ({ items }: Page<InboundMail>) =>
    items.find((mail) => mail.messageId === `${scene.run}.${n}@mail.acme-industries.example` && mail.outcome !== null),
  );

const ticketOf = (mail: InboundMail): string => {
  if (mail.ticketId === null) throw new Error(`the mail "${mail.subject}" led to no ticket: ${mail.reason}`);
  return mail.ticketId;
};

/** A mail to the customer about a ticket, once it has been handed over. */
const mailSent = async (
  { client }: Scene,
  ticketId: string,
  template: string,
  after: number,
): Promise<OutboundMail> => {
  const { id } = await client.until(
    `a mail (${template}) goes out`,
    `/v1/outbox?ticket=${ticketId}`,
    ({ items }: Page<OutboundMailSummary>) => {
      const sent = items.filter((mail) => mail.template === template && mail.state === 'sent');
      return sent.length > after ? sent[0] : null;
    },
  );
  return (await client.get<OutboundMail>(`/v1/outbox/${id}`)).body;
};

async function newRequest(scene: Scene): Promise<string> {
  const { client, domain, mailer, run, say, url } = scene;
  say.step('A customer writes: a mail with HTML, a table, a script that must not survive, and an attachment');
  say.fact('SMTP says', await mailer.send('1-new-request', `support@${domain}`, { domain, run }));
  const mail = await decided(scene, 1);
  say.fact('decision', mail.reason ?? '');
  const id = ticketOf(mail);
  const ticket = await client.until('the ticket is routed', `/v1/tickets/${id}`, (found: Ticket) =>
    found.agent ? found : null,
  );
  say.fact('ticket', `#${ticket.number} ${ticket.subject}`);
  say.fact('from', `${ticket.requester.name}, company ${ticket.company?.name ?? '(none)'}`);
  const [first] = ticket.timeline.items.filter(({ kind }) => kind === 'created');
  say.fact(
    'HTML',
    `${first?.html?.includes('<table') ? 'table kept' : 'no table'}, ${/script|javascript|onload/i.test(first?.html ?? '') ? 'SCRIPT KEPT' : 'scripts gone'}`,
  );
  say.fact('attachments', first?.attachments.map(({ name, size }) => `${name} (${size} bytes)`).join(', ') ?? '');
  const assignment = ticket.timeline.items.find(({ kind }) => kind === 'assignment');
  say.fact('routed to', `${ticket.group?.name}, ${ticket.agent?.name}`);
  say.fact('because', explanationOf(assignment));
  say.fact('SLA', ticket.due ? `${ticket.due.clock} due ${ticket.due.at}` : 'no clock runs');
  const acknowledgement = await mailSent(scene, id, 'acknowledgement', 0);
  say.fact(
    'mail out',
    `"${acknowledgement.subject}" to ${acknowledgement.to.join(', ')}, Auto-Submitted: ${acknowledgement.automatic ? 'auto-replied' : 'no'}`,
  );
  say.fact('look at', `${url}/tickets/${ticket.number}`);
  return id;
}

const explanationOf = (entry: TimelineEntry | undefined): string => {
  const reason = entry?.detail['reason'] as { explanation?: string } | undefined;
  return reason?.explanation ?? 'it was assigned by hand';
};

async function answer(scene: Scene, ticketId: string): Promise<string> {
  const { agent, run, say, url } = scene;
  say.step('The agent answers over REST, naming the version they saw (If-Match)');
  const seen = await agent.get<Ticket>(`/v1/tickets/${ticketId}`);
  const text = 'Hello Maria,\n\nthe database node was restarted. Could you try once more?\n\nAnna';
  const sent = await agent.send<{ version: number; position: string }>(
    'POST',
    `/v1/tickets/${ticketId}/comments`,
    { visibility: 'public', text, status: 'pending' },
    { 'if-match': seen.etag ?? '*', 'idempotency-key': `${run}-answer` },
  );
  say.fact('answered', `ticket now at version ${sent.body.version}, log position ${sent.body.position}`);
  const mail = await mailSent(scene, ticketId, 'reply', 0);
  say.fact('mail out', `"${mail.subject}" to ${mail.to.join(', ')}`);
  say.fact('Message-ID', `<${mail.messageId}>`);
  say.fact('In-Reply-To', mail.inReplyTo === null ? '(none)' : `<${mail.inReplyTo}>`);
  say.fact('look at', `${url}/outbox`);
  return mail.messageId;
}

async function replyInThread(scene: Scene, ticketId: string, answerId: string): Promise<void> {
  const { client, domain, mailer, run, say } = scene;
  const { body: before } = await client.get<Ticket>(`/v1/tickets/${ticketId}`);
  say.step(`The customer replies in the thread: the pending ticket #${before.number} opens again`);
  await mailer.send('2-reply-in-thread', `support@${domain}`, {
    domain,
    run,
    answerId,
    subject: `${before.subject} [#${before.number}]`,
  });
  const mail = await decided(scene, 2);
  say.fact('decision', mail.reason ?? '');
  if (mail.ticketId !== ticketId) throw new Error('the reply did not find its ticket');
  const after = await client.until('the ticket is open again', `/v1/tickets/${ticketId}`, (found: Ticket) =>
    found.status === 'open' ? found : null,
  );
  const comment = after.timeline.items.find((entry) => entry.commentId === mail.commentId);
  say.fact('status', `${before.status} → ${after.status}`);
  say.fact('comment', JSON.stringify(comment?.text));
}

async function colleague(scene: Scene): Promise<void> {
  const { client, domain, mailer, run, say, url } = scene;
  say.step('A colleague of the same company writes to billing, with umlauts in ISO-8859-1 and in an encoded subject');
  await mailer.send('3-colleague', `billing@${domain}`, { domain, run });
  const id = ticketOf(await decided(scene, 3));
  const ticket = await client.until('the ticket is routed', `/v1/tickets/${id}`, (found: Ticket) =>
    found.agent ? found : null,
  );
  say.fact('ticket', `#${ticket.number} ${ticket.subject}`);
  say.fact('from', `${ticket.requester.name}, company ${ticket.company?.name ?? '(none)'}`);
  say.fact('routed to', `${ticket.group?.name}, ${ticket.agent?.name}`);
  say.fact('look at', `${url}/tickets/${ticket.number}`);
}

async function outOfOffice(scene: Scene, ticketId: string, answerId: string): Promise<void> {
  const { client, domain, mailer, run, say } = scene;
  const outbox = `/v1/outbox?ticket=${ticketId}`;
  const { body: ticket } = await client.get<Ticket>(`/v1/tickets/${ticketId}`);
  const { body: before } = await client.get<Page<OutboundMailSummary>>(outbox);
  say.step('An out-of-office reply comes back: it must not loop');
  await mailer.send('4-out-of-office', `support@${domain}`, { domain, run, answerId, subject: ticket.subject });
  const mail = await decided(scene, 4);
  say.fact('seen as', `${mail.classification}: ${mail.reason}`);
  const { body: after } = await client.get<Page<OutboundMailSummary>>(outbox);
  say.fact('mails out', `${before.items.length} before, ${after.items.length} after`);
}

async function resolve({ agent, say }: Scene, ticketId: string): Promise<void> {
  say.step('The agent leaves an internal note and resolves the ticket');
  const seen = await agent.get<Ticket>(`/v1/tickets/${ticketId}`);
  const note = { visibility: 'internal', text: 'Müller GmbH had a queue of its own; flushed.' };
  const noted = await agent.send('POST', `/v1/tickets/${ticketId}/comments`, note, { 'if-match': seen.etag ?? '*' });
  const done = await agent.send<{ version: number; position: string }>(
    'PUT',
    `/v1/tickets/${ticketId}/status`,
    { status: 'resolved' },
    { 'if-match': noted.etag ?? '*' },
  );
  say.fact('status', `resolved, ticket at version ${done.body.version}, log position ${done.body.position}`);
}

async function figures({ client, say, url }: Scene): Promise<void> {
  say.step('Queues and KPIs, computed from the log');
  const { body: kpi } = await client.until('the KPIs know of it', '/v1/reports/kpi', (body: KpiReport) =>
    body.resolution.tickets > 0 ? { body } : null,
  );
  const seconds = (ms: number | null) => (ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`);
  say.fact('AFRT', `${seconds(kpi.firstResponse.averageMs)} over ${kpi.firstResponse.tickets} tickets`);
  say.fact('resolution', `${seconds(kpi.resolution.averageMs)} over ${kpi.resolution.tickets} tickets`);
  say.fact('backlog', kpi.backlogNow.tickets);
  say.fact(
    'breaches',
    `${kpi.breaches.firstResponse.tickets} first response, ${kpi.breaches.resolution.tickets} resolution`,
  );
  say.fact('look at', `${url}/queues and ${url}/kpi`);
}

async function replay({ client, say, url }: Scene, ticketId: string): Promise<void> {
  const { body: history } = await client.get<Page<HistoryEntry>>(`/v1/tickets/${ticketId}/history?limit=200`);
  const { body: ticket } = await client.get<Ticket>(`/v1/tickets/${ticketId}`);
  say.step(`The history of #${ticket.number}, replayed from the log`);
  for (const { actor, at, type, version } of history.items)
    say.line(`${String(version).padStart(3)}  ${at}  ${type.padEnd(22)} ${actor.name}`);
  const earlier = history.items.find(({ type }) => type === 'TicketAssigned') satisfies
    | FeedEvent
    | HistoryEntry
    | undefined;
  if (earlier) {
    const { body: past } = await client.get<Ticket>(`/v1/tickets/${ticketId}?asOf=${earlier.position}`);
    say.fact(
      'as of then',
      `at log position ${earlier.position} it was ${past.status}, with ${past.agent?.name ?? 'nobody'}`,
    );
  }
  say.fact('look at', `${url}/tickets/${ticket.number}/replay`);
}
