import { createTransport } from 'nodemailer';
import { expect, it, onTestFinished } from 'vitest';
import { createClient } from '#services/desk/demo/client.ts';
import { assembleTeam } from '#services/desk/demo/team.ts';
import { startEventStoreDb } from '#tests/support/eventstoredb-server.ts';
import { natsMissing } from '#tests/support/nats.ts';
import { type ServiceDesk, startServiceDesk } from '#tests/support/service-desk.ts';
import { type ServiceName, type ServiceProcess, untilReady, untilSo } from '#tests/support/service-process.ts';

const missing = natsMissing();
/** Names an empty EventStoreDB for the log of the desk that is killed; what is expected of it stays the same. */
const onEventStoreDb = 'EVENTSTORE_TEST_KILLED_URL';

/** Which service is killed at which step of the scenario: one that has something to do then. */
const atStep: readonly (readonly ServiceName[])[] = [
  ['command-api'],
  ['email-ingest'],
  ['notification'],
  ['projector'],
  ['routing'],
  ['relay'],
  ['sla-timer'],
  ['query-api', 'bulk'],
  ['relations'],
];
const singleActive: ReadonlySet<ServiceName> = new Set([
  'email-ingest',
  'notification',
  'routing',
  'relay',
  'bulk',
  'relations',
]);
/** In each play the tickets over REST of the first two steps become one, and those of the next five get a tag. */
const mergedPerPlay = 3;
const taggedPerPlay = 10;

const tagging = { do: 'tags', add: ['by phone'] } as const;

type Row = { service: string; when: string; inHand: string; how: string; back: string };

async function ask<T>(desk: ServiceDesk, method: 'POST' | 'PUT', path: string, body: object): Promise<T> {
  const response = await fetch(`${desk.front.url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${desk.token}`, 'content-type': 'application/json', 'if-match': '*' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** One play: its tickets over REST, two at each step, and the work of the steps so far. */
type Call = { readonly step: number; readonly n: number; readonly id: string };
type Play = { readonly number: number; readonly calls: Call[]; readonly loads: Promise<void>[] };

const callsOf = ({ calls }: Play, from: number, to: number): string[] =>
  calls
    .filter(({ step }) => step >= from && step <= to)
    .toSorted((a, b) => a.step - b.step || a.n - b.n)
    .map(({ id }) => id);

/**
 * Work beside the scenario: three mails of new customers, two tickets over REST, for the timer what is overdue; and once
 * all of the steps before is done, a bulk action and merges.
 */
async function load(desk: ServiceDesk, play: Play, step: number): Promise<void> {
  const name = `play-${play.number}-step-${step}`;
  const before = Promise.all(play.loads);
  const [host, port] = desk.front.smtpAddress.split(':');
  const transport = createTransport({ host: String(host), port: Number(port) });
  const mail = (n: number) =>
    transport.sendMail({
      from: `Customer ${n} <c${n}@${name}.example>`,
      to: n === 2 ? 'billing@desk.example' : 'support@desk.example',
      subject: `Mail ${n} at ${name}`,
      text: 'It does not work.',
      messageId: `<${n}@${name}.example>`,
    });
  const ticket = async (n: number) => {
    const { id } = await ask<{ id: string }>(desk, 'POST', 'tickets', {
      subject: `Call ${n} at ${name}`,
      text: 'It does not work.',
      channel: 'phone',
      requester: { email: `r${n}@${name}.example` },
    });
    play.calls.push({ step, n, id });
  };
  const tagMany = async (): Promise<void> => {
    await before;
    await ask(desk, 'POST', 'bulk-actions', { action: tagging, ticketIds: callsOf(play, 3, 7) });
  };
  const mergeSome = async (): Promise<void> => {
    await before;
    const [into, ...others] = callsOf(play, 1, 2);
    await Promise.all(others.map((id) => ask(desk, 'PUT', `tickets/${id}/merge`, { into })));
  };
  const work = [mail(1), mail(2), mail(3), ticket(1), ticket(2)];
  if (step === 7) work.push(desk.overdueTickets([1, 2, 3, 4].map((n) => `Overdue ${n} at ${name}`)));
  if (step === 8) work.push(tagMany());
  if (step === 9) work.push(mergeSome());
  await Promise.all(work);
  transport.close();
}

/** What the service has to do just now: how much, and in words. */
async function inHand(desk: ServiceDesk, name: ServiceName): Promise<[number, string]> {
  const { http, smtp } = desk.front.inHand();
  switch (name) {
    case 'command-api':
    case 'query-api':
      return [http, `${http} requests unanswered`];
    case 'email-ingest': {
      const positions = await desk.behind('email-ingest');
      return [smtp, `${smtp} mails being handed over, ${positions} positions behind`];
    }
    case 'projector': {
      const positions = await desk.projectionsBehind();
      return [positions, `${positions} positions behind`];
    }
    case 'sla-timer': {
      const due = await desk.number(
        `select count(*) as n from read.deadlines where state = 'armed' and due_at <= now()`,
      );
      return [due, `${due} deadlines passed and not reported`];
    }
    default: {
      const positions = await desk.behind(name);
      return [positions, `${positions} positions behind`];
    }
  }
}

const isReady = async (service: ServiceProcess): Promise<boolean> => (await service.readiness())?.ready === true;
/** `in part` when two have shared its consumers between them. */
const isAtWork = (detail: string | null): boolean => /(^|: )at work( in part|$)/.test(detail ?? '');
const doesAll = (detail: string | null): boolean => /(^|: )at work$/.test(detail ?? '');

/** The instance that is at work as asked; of services that share their work, the first that is ready. */
async function active(
  desk: ServiceDesk,
  name: ServiceName,
  atWork: (detail: string | null) => boolean,
): Promise<ServiceProcess> {
  let found: ServiceProcess | undefined;
  await untilSo(`one ${name} works`, async () => {
    const instances = desk.instances(name);
    const working = await Promise.all(
      instances.map(async (each) => (singleActive.has(name) ? atWork(await each.detail(name)) : isReady(each))),
    );
    found = instances[working.indexOf(true)];
    return found !== undefined;
  });
  if (!found) throw new Error(`no ${name}`);
  return found;
}

/** Kills the service as soon as it has something in hand, and tells how long it was until one worked again. */
async function kill(desk: ServiceDesk, name: ServiceName, when: string, how: 'restart' | 'takeover'): Promise<Row> {
  const victim = await active(desk, name, isAtWork);
  let found = await inHand(desk, name);
  for (let look = 0; look < 200 && found[0] === 0; look += 1) {
    await new Promise((done) => setTimeout(done, 10));
    found = await inHand(desk, name);
  }
  const begun = performance.now();
  await desk.kill(victim);
  if (how === 'restart') await desk.start(name);
  await active(desk, name, doesAll);
  const back = `${((performance.now() - begun) / 1_000).toFixed(1)} s`;
  return { service: name, when, inHand: found[1], how, back };
}

/** The scenario twice, with work beside it at every step; kills hit in the middle of a step, one service at each. */
async function playAll(desk: ServiceDesk, round: ((play: number) => 'restart' | 'takeover') | null): Promise<Row[]> {
  const rows: Promise<Row>[] = [];
  // Otherwise it would be chance whether a ticket of the first step finds an agent.
  const client = createClient({ url: desk.front.url, token: desk.token, signal: AbortSignal.timeout(60_000) });
  await assembleTeam(client, { mailDomain: 'desk.example', run: 'before' });
  for (const number of [1, 2]) {
    const play: Play = { number, calls: [], loads: [] };
    await desk.play((step, title) => {
      const names = atStep[step - 1] ?? [];
      if (names.length === 0) return;
      play.loads.push(load(desk, play, step));
      const when = `play ${number}, ${step}. ${title.slice(0, 44)}`;
      if (round) rows.push(...names.map((name) => kill(desk, name, when, round(number))));
    });
    await Promise.all([...play.loads, ...rows]);
  }
  await desk.settled();
  return Promise.all(rows);
}

function table(rows: readonly Row[]): string {
  const head: Row = { service: 'service', when: 'killed at', inHand: 'in hand', how: 'then', back: 'works again' };
  const keys = ['service', 'when', 'inHand', 'how', 'back'] as const;
  const widths = keys.map((key) => Math.max(...[head, ...rows].map((row) => row[key].length)));
  return [head, ...rows].map((row) => keys.map((key, n) => row[key].padEnd(widths[n] ?? 0)).join('  ')).join('\n');
}

it.skipIf(missing !== null)(
  'every service is killed in the middle, twice, and the desk ends as if nothing had happened',
  { timeout: 600_000 },
  async () => {
    const undisturbed = await startServiceDesk();
    onTestFinished(() => undisturbed.remove());
    await playAll(undisturbed, null);
    const expected = await undisturbed.state();
    await undisturbed.remove();
    // Otherwise the comparison would be one of two empty desks.
    const opened = 2 * (2 + atStep.length * 5 + 4);
    const merged = 2 * mergedPerPlay;
    expect(expected.tickets).toHaveLength(opened - merged);
    expect(expected.events['TicketMerged']).toBe(merged);
    expect(expected.events['TicketAssigned']).toBe(opened);
    expect(expected.events['BulkActionCompleted']).toBe(2);
    expect(expected.events['TicketTagsChanged']).toBe(2 * taggedPerPlay);
    expect(atStep.flat().toSorted()).toEqual(undisturbed.names.toSorted());
    expect(expected.kpi.breaches).toBe(8);

    const eventStore = process.env[onEventStoreDb] ? await startEventStoreDb(onEventStoreDb) : null;
    onTestFinished(async () => eventStore?.stop());
    const desk = await startServiceDesk({ eventStoreUrl: eventStore?.url });
    onTestFinished(() => desk.remove());
    // A second instance of each: it shares the work, or stands by.
    await Promise.all((await Promise.all(desk.names.map(desk.start))).map((service) => untilReady(service)));
    for (const name of singleActive) {
      await expect
        .poll(
          async () => {
            const said = await Promise.all(desk.instances(name).map((service) => service.detail(name)));
            return said.map((text) => text?.match(/(at work|standing by)[a-z, ]*$/)?.[0] ?? text).sort();
          },
          { timeout: 60_000 },
        )
        .toEqual(['at work', 'standing by, another process is at work']);
    }
    const rows = await playAll(desk, (play) => (play === 1 ? 'takeover' : 'restart'));
    console.log(`\n${table(rows)}\n`);

    const found = await desk.state();
    expect(found.tickets).toEqual(expected.tickets);
    expect(found).toEqual(expected);
    const verified = await desk.verify();
    expect(verified.text).toMatch(/every hash chain holds/);
    expect(verified.code, verified.text).toBe(0);
  },
);
