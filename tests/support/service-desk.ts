import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { createPool } from '#packages/postgres/pool.ts';
import { openPlatform } from '#packages/runtime/platform.ts';
import { projections } from '#projections/all.ts';
import { playScenario } from '#services/desk/demo/scenario.ts';
import type { Desk } from '#services/desk/desk.ts';
import { createTestClock } from './clock.ts';
import { testContext } from './desk.ts';
import { openDeskLog } from './desk-log.ts';
import { deskState } from './desk-state.ts';
import { startNats } from './nats.ts';
import { type Backends, startPatientFront } from './patient-front.ts';
import { preparePostgresServer } from './postgres-server.ts';
import { startProcess } from './process.ts';
import {
  type ServiceName,
  type ServiceProcess,
  servicesAlone,
  startService,
  untilReady,
  untilSo,
} from './service-process.ts';

const log = pino({ level: 'silent' });

/**
 * A desk of processes over NATS, on a database and a directory of its own, behind a front that repeats what fails. The
 * log is in that database, or in EventStoreDB at the URL.
 */
export async function startServiceDesk({ eventStoreUrl }: { eventStoreUrl?: string | undefined } = {}) {
  const nats = await startNats();
  // Not the server of the test run: two of each service need more connections than it has.
  const server = await preparePostgresServer();
  await server.start();
  const connection = { connectionString: server.url() };
  const dataDir = await mkdtemp(join(tmpdir(), 'deskledger-services-'));
  const env = {
    DATABASE_URL: server.url(),
    DATA_DIR: dataDir,
    NATS_URL: nats.url,
    ...(eventStoreUrl ? { EVENTSTORE_URL: eventStoreUrl } : {}),
    // Starting is what takes the time, and most of that is reading the code.
    NODE_COMPILE_CACHE: join(tmpdir(), 'deskledger-compile-cache'),
  };
  const everything = new Set<ServiceProcess>();
  const live = new Map<ServiceName, ServiceProcess[]>();
  const portsOf = (name: ServiceName, port: 'httpPort' | 'smtpPort') => () =>
    (live.get(name) ?? []).map((service) => service[port]);
  const backends: Backends = {
    command: portsOf('command-api', 'httpPort'),
    query: portsOf('query-api', 'httpPort'),
    smtp: portsOf('email-ingest', 'smtpPort'),
  };
  const front = await startPatientFront(backends);
  const pool = createPool({ connection, log, name: 'tests', max: 4 });
  const deskLog = openDeskLog({ connection, eventStoreUrl, log });

  const start = async (name: ServiceName): Promise<ServiceProcess> => {
    const service = await startService(name, env);
    everything.add(service);
    live.set(name, [...(live.get(name) ?? []), service]);
    return service;
  };
  const kill = async (service: ServiceProcess): Promise<void> => {
    live.set(
      service.name,
      (live.get(service.name) ?? []).filter((each) => each !== service),
    );
    service.signal('SIGKILL');
    await service.ended;
  };
  const number = async (text: string, values: readonly unknown[] = []): Promise<number> => {
    const { rows } = await pool.query<{ n: unknown }>(text, [...values]);
    return Number(rows[0]?.n ?? 0);
  };

  const names: readonly ServiceName[] = [...servicesAlone, 'relay'];
  await Promise.all(names.map(start));
  await Promise.all(names.flatMap((name) => live.get(name) ?? []).map((service) => untilReady(service)));
  const cli = startProcess(['services/desk/main.ts', 'token', 'admin'], env);
  if ((await cli.ended) !== 0) throw new Error(cli.stderr());
  const token = cli.stdout().trim();

  /** Positions of the log that a consumer has not come to yet. */
  const behind = async (consumer: string): Promise<number> =>
    number('select greatest($2::bigint - position, 0) as n from desk.followers where name = $1', [
      consumer,
      await deskLog.head(),
    ]);
  const projectionsBehind = async (): Promise<number> =>
    number(`select greatest($1::bigint - min(position), 0) as n from desk.projections where stage = 'live'`, [
      await deskLog.head(),
    ]);

  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(front.url + path, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };

  let removed: Promise<void> | undefined;
  const remove = async (): Promise<void> => {
    for (const service of everything) service.signal('SIGKILL');
    await Promise.all([...everything].map(({ ended }) => ended));
    await front.close();
    await deskLog.close();
    await pool.end();
    await server.remove();
    await nats.stop();
    await rm(dataDir, { recursive: true, force: true });
  };

  return {
    names,
    dataDir,
    front,
    token,
    get,
    start,
    kill,
    number,
    behind,
    projectionsBehind,
    instances: (name: ServiceName): readonly ServiceProcess[] => live.get(name) ?? [],

    /** Plays the scenario of `make demo`; `onStep` hears of each step as it begins. */
    async play(onStep: (step: number, title: string) => void): Promise<void> {
      const stdout = new Writable({
        write(chunk, _encoding, done) {
          const [, step, title] = /^\n(\d+)\. (.*)\n$/.exec(String(chunk)) ?? [];
          if (step !== undefined && title !== undefined) onStep(Number(step), title);
          done();
        },
      });
      const { smtpAddress, url } = front;
      const desk: Desk = {
        log,
        url,
        smtpAddress,
        outgoingMail: 'outbox',
        adminToken: null,
        token: async () => token,
        lost: new Promise(() => undefined),
        stop: async () => true,
      };
      await playScenario({ desk, stdout, mailDomain: 'desk.example', signal: AbortSignal.timeout(180_000) });
    },

    /** Opens tickets hours ago, so that the first response is overdue the moment they are there. */
    async overdueTickets(subjects: readonly string[]): Promise<void> {
      const clock = createTestClock(Temporal.Now.instant().subtract({ hours: 3 }).toString());
      const platform = await openPlatform({
        connection,
        eventStoreUrl,
        dataDir,
        projections: projections.map(({ name }) => name),
        log,
        clock,
      });
      try {
        const { directory, tickets } = platform.commands;
        for (const subject of subjects) {
          const email = `${subject.toLowerCase().replaceAll(' ', '-')}@patience.example`;
          const { companyId, personId } = await directory.ensurePerson(
            { address: email, name: null, origin: 'api' },
            testContext(),
          );
          const message = { text: 'Still waiting.', html: null, attachments: [], mail: null };
          const ticket = { subject, requesterId: personId, companyId, mailboxId: null, followUpOf: null, message };
          await tickets.create({ ...ticket, channel: 'api', priority: 'urgent' }, testContext());
        }
      } finally {
        await platform.close();
      }
    },

    /** Resolves when everything that follows from the log so far has happened. */
    async settled(): Promise<void> {
      let last = -1;
      await untilSo('all is done', async () => {
        const head = await deskLog.head();
        const open = await number(
          `select (select count(*) from desk.followers where position < $1)
             + (select count(*) from desk.projections where stage = 'live' and position < $1)
             + (select count(*) from read.outbound_mail where state = 'queued')
             + (select count(*) from read.deadlines where state = 'armed' and due_at < now()) as n`,
          [head],
        );
        const done = open === 0 && head === last;
        last = open === 0 ? head : -1;
        if (!done) await new Promise((next) => setTimeout(next, 300));
        return done;
      });
    },

    /** What the desk holds in the end, and how often each kind of event is in its log. */
    async state() {
      const files = (await readdir(join(dataDir, 'outbox'))).filter((name) => name.endsWith('.eml'));
      return { ...(await deskState(get)), events: await deskLog.events(), outgoingFiles: files.length };
    },

    async verify() {
      const command = startProcess(['services/desk/main.ts', 'verify'], env);
      return { code: await command.ended, text: command.stdout() + command.stderr() };
    },

    remove(): Promise<void> {
      removed ??= remove();
      return removed;
    },
  };
}

export type ServiceDesk = Awaited<ReturnType<typeof startServiceDesk>>;
