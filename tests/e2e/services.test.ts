import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventStream } from '#contracts/bus.ts';
import { startEventStoreDb, type TestEventStoreDb } from '#tests/support/eventstoredb-server.ts';
import { natsMissing, startNats, type TestNats } from '#tests/support/nats.ts';
import { createTestDatabase, type TestDatabase, urlOf } from '#tests/support/postgres.ts';
import { startProcess, type TestProcess } from '#tests/support/process.ts';
import { servicesAlone } from '#tests/support/service-process.ts';

/** The port in the line a service logs when it listens. */
async function portOf(service: TestProcess, pattern: RegExp): Promise<number> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const port = pattern.exec(service.stderr())?.[1];
    if (port) return Number(port);
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`no ${pattern} in\n${service.stderr()}`);
}

async function subjectsIn(nats: TestNats): Promise<string[]> {
  const client = await nats.client();
  try {
    const jsm = await client.jetstreamManager();
    const { state } = await jsm.streams.info(eventStream.name, { subjects_filter: '>' });
    return Object.keys(state.subjects ?? {});
  } finally {
    await client.close();
  }
}

const ways = [
  { way: 'each following the log', names: servicesAlone, nats: false, log: false, missing: null },
  { way: 'over NATS', names: [...servicesAlone, 'relay'], nats: true, log: false, missing: natsMissing() },
  {
    way: 'the log in EventStoreDB, which dies in the middle',
    names: servicesAlone,
    nats: false,
    log: true,
    missing: null,
  },
];

describe.each(ways)('the services as processes of their own, $way', ({ missing, names, nats: withNats, log }) => {
  let nats: TestNats | undefined;
  let eventStoreDb: TestEventStoreDb | undefined;
  let database: TestDatabase;
  let dataDir: string;
  let env: Record<string, string>;
  const services = new Map<string, TestProcess>();

  beforeAll(async () => {
    if (missing) return;
    if (withNats) nats = await startNats();
    database = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'deskledger-services-'));
    env = { DATABASE_URL: urlOf(database.connection), DATA_DIR: dataDir, HTTP_PORT: '0', SMTP_PORT: '0' };
    if (nats) env = { ...env, NATS_URL: nats.url };
    if (log) eventStoreDb = await startEventStoreDb('EVENTSTORE_TEST_SERVICES_URL');
    if (eventStoreDb) env = { ...env, EVENTSTORE_URL: eventStoreDb.url };
    for (const name of names) services.set(name, startProcess([`services/${name}/main.ts`], env));
  });
  afterAll(async () => {
    if (missing) return;
    for (const service of services.values()) service.signal('SIGKILL');
    await Promise.all([...services.values()].map(({ ended }) => ended));
    await database.drop();
    await nats?.stop();
    await eventStoreDb?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.skipIf(missing !== null)(
    'do together what the desk does in one, and stop cleanly',
    async () => {
      const service = (name: string) => services.get(name)!;
      const listening = /listening at http:\/\/127\.0\.0\.1:(\d+)/;
      const command = `http://127.0.0.1:${await portOf(service('command-api'), listening)}`;
      const query = `http://127.0.0.1:${await portOf(service('query-api'), listening)}`;
      const smtp = await portOf(service('email-ingest'), /"port":(\d+),"msg":"taking mail in"/);

      const cli = startProcess(['services/desk/main.ts', 'token', 'admin'], env);
      expect(await cli.ended).toBe(0);
      const headers = { authorization: `Bearer ${cli.stdout().trim()}` };

      const transport = createTransport({ host: '127.0.0.1', port: smtp });
      const mail = {
        from: 'Lena Novak <lena@globex.example>',
        to: 'billing@desk.example',
        subject: 'Too much',
        text: 'You charged twice.',
      };
      expect((await transport.sendMail(mail)).response).toMatch(/^250 /);
      transport.close();
      await eventStoreDb?.interrupt();

      type Found = {
        id: string;
        status: string;
        group: { name: string } | null;
        company: { name: string };
        version: number;
      };
      const ticket = async (): Promise<Found | undefined> => {
        const response = await fetch(`${query}/v1/tickets`, { headers });
        return ((await response.json()) as { items: Found[] }).items[0];
      };
      // Tickets and companies are read models of their own, and either may be first.
      const shown = async () => {
        const { group, company } = (await ticket()) ?? {};
        return [group?.name, company?.name];
      };
      await expect.poll(shown, { timeout: 30_000 }).toEqual(['Billing', 'globex.example']);
      const { id } = (await ticket())!;

      const answered = await fetch(`${command}/v1/tickets/${id}/comments`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'if-match': '*' },
        body: JSON.stringify({ visibility: 'public', text: 'You get it back.', status: 'resolved' }),
      });
      expect(answered.status).toBe(201);
      const position = answered.headers.get('desk-position') ?? '';
      const read = await fetch(`${query}/v1/tickets/${id}`, { headers: { ...headers, 'desk-min-position': position } });
      expect(((await read.json()) as Found).status).toBe('resolved');
      // The acknowledgement and the answer.
      await expect.poll(async () => (await readdir(join(dataDir, 'outbox'))).length, { timeout: 20_000 }).toBe(2);

      if (nats) expect(await subjectsIn(nats)).toContain('desk.ticket.created');

      for (const one of services.values()) one.signal('SIGTERM');
      const codes = await Promise.all([...services].map(async ([name, { ended }]) => [name, await ended]));
      expect(codes).toEqual(names.map((name) => [name, 0]));
    },
    120_000,
  );
});

it.each([...servicesAlone, 'relay'])(
  '%s says which variable is missing, in one line, and exits with 3',
  async (name) => {
    const service = startProcess([`services/${name}/main.ts`], { NATS_URL: 'nats://127.0.0.1:1' });
    expect(await service.ended).toBe(3);
    expect(service.stderr()).toMatch(new RegExp(`^${name}: DATABASE_URL must be set: .*\n$`));
  },
);
