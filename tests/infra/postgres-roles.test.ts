import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import { serviceNames, toolMissing } from '#tests/support/infra.ts';
import { grantRoles, leadSecrets, makeRoles, makeSecrets } from '#tests/support/infra-secrets.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/postgres.ts';
import { startProcess, type TestProcess } from '#tests/support/process.ts';

const missing = toolMissing('psql');
const running = serviceNames.filter((name) => name !== 'relay');

/** The parts of a connection as psql takes them from the environment. */
function psqlEnvironment(connection: PostgresConnection): Record<string, string> {
  if (!('connectionString' in connection)) {
    const { database, host, port, user } = connection;
    return { PGHOST: host, PGPORT: String(port), POSTGRES_USER: user, POSTGRES_DB: database };
  }
  const { hostname, password, pathname, port, searchParams, username } = new URL(connection.connectionString);
  return {
    PGHOST: searchParams.get('host') ?? hostname,
    PGPORT: port || '5432',
    PGPASSWORD: decodeURIComponent(password),
    POSTGRES_USER: decodeURIComponent(username),
    POSTGRES_DB: pathname.slice(1),
  };
}

/** Roles outlive their database: two runs on one server share them, and each gives them passwords of its own. */
describe.skipIf(missing !== null)('infra/postgres', () => {
  let database: TestDatabase;
  let dir: string;
  let env: Record<string, string>;
  const services = new Map<string, TestProcess>();

  const urlFile = (role: string) => join(dir, 'secrets', `database-url-${role}`);
  const as = (role: string) => ({ ...env, DATABASE_URL_FILE: urlFile(role) });
  const desk = async (args: readonly string[], role: string) => {
    const command = startProcess(['services/desk/main.ts', ...args], as(role));
    const code = await command.ended;
    return { code, stdout: command.stdout(), stderr: command.stderr() };
  };
  const sql = async (role: string, text: string) => {
    const client = new pg.Client({ connectionString: (await readFile(urlFile(role), 'utf8')).trim() });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    dir = await mkdtemp(join(tmpdir(), 'deskledger-roles-'));
    const server = psqlEnvironment(database.connection);
    const secrets = join(dir, 'secrets');
    makeSecrets(secrets);
    const here = `${encodeURIComponent(server['PGHOST']!)}:${server['PGPORT']}/${server['POSTGRES_DB']}`;
    await leadSecrets(secrets, 'postgres:5432/desk', here);
    await mkdir(join(dir, 'data'));
    for (const _ of [1, 2]) makeRoles(secrets, server);
    env = {
      DATA_DIR: join(dir, 'data'),
      DESK_SECRET_FILE: join(dir, 'secrets/desk-secret'),
      HTTP_PORT: '0',
      SMTP_PORT: '0',
    };
  }, 60_000);
  afterAll(async () => {
    for (const service of services.values()) service.signal('SIGKILL');
    await Promise.all([...services.values()].map(({ ended }) => ended));
    await database?.drop();
    await rm(dir, { recursive: true, force: true });
  });

  it('a service that comes before its tables says so and what to do, and ends with 3', async () => {
    const early = startProcess(['services/routing/main.ts'], as('routing'));
    expect(await early.ended).toBe(3);
    expect(early.stderr()).toMatch(/^routing: the database refuses: permission denied .*; run desk migrate and .*\n$/m);
  });

  it('the owner makes the tables and opens them, twice without harm', async () => {
    for (const _ of [1, 2]) {
      expect(await desk(['migrate'], 'owner')).toMatchObject({ code: 0, stdout: 'the tables are up to date\n' });
      expect(await grantRoles(join(dir, 'secrets'))).toBe('');
    }
  }, 60_000);

  it('services with a role each do their work', async () => {
    for (const name of running) services.set(name, startProcess([`services/${name}/main.ts`], as(name)));
    const portOf = async (name: string, pattern: RegExp): Promise<string> => {
      const read = () => pattern.exec(services.get(name)!.stderr())?.[1];
      await expect.poll(() => read() ?? services.get(name)!.stderr(), { timeout: 120_000 }).toMatch(/^\d+$/);
      return read()!;
    };
    const listening = /listening at http:\/\/127\.0\.0\.1:(\d+)/;
    const command = `http://127.0.0.1:${await portOf('command-api', listening)}`;
    const query = `http://127.0.0.1:${await portOf('query-api', listening)}`;
    const port = Number(await portOf('email-ingest', /"port":(\d+),"msg":"taking mail in"/));
    const { code, stdout } = await desk(['token', 'admin'], 'command-api');
    expect(code).toBe(0);
    const headers = { authorization: `Bearer ${stdout.trim()}` };

    const mail = {
      from: 'Lena <lena@globex.example>',
      to: 'billing@desk.example',
      subject: 'Too much',
      text: 'Twice.',
    };
    const transport = createTransport({ host: '127.0.0.1', port });
    await transport.sendMail(mail);
    transport.close();
    type Found = { id: string; group: { name: string } | null };
    const ticket = async () =>
      ((await (await fetch(`${query}/v1/tickets`, { headers })).json()) as { items: Found[] }).items[0];
    await expect.poll(async () => (await ticket())?.group?.name, { timeout: 30_000 }).toBe('Billing');
    const path = `/v1/tickets/${(await ticket())!.id}`;
    const send = async (method: string, to: string, body: object) =>
      fetch(`${command}${path}/${to}`, {
        method,
        headers: { ...headers, 'content-type': 'application/json', 'if-match': '*' },
        body: JSON.stringify(body),
      });
    expect((await send('PUT', 'draft', { visibility: 'public', text: 'You get' })).status).toBe(204);
    const draft = async () => (await fetch(`${query}${path}/draft`, { headers })).json();
    expect(await draft()).toMatchObject({ text: 'You get' });
    const answer = { visibility: 'public', text: 'You get it back.', status: 'resolved' };
    expect((await send('POST', 'comments', answer)).status).toBe(201);
    expect(await draft()).toMatchObject({ code: 'DRAFT_NOT_FOUND' });
    // The acknowledgement and the answer.
    const outbox = async () => (await readdir(join(dir, 'data/outbox'))).length;
    await expect.poll(outbox, { timeout: 30_000 }).toBe(2);
    for (const [name, service] of services) expect(service.stderr(), name).not.toMatch(/permission denied/);
  }, 240_000);

  it('the projector’s role is enough to verify and to rebuild, and what it builds is readable', async () => {
    expect(await desk(['rebuild', 'tickets'], 'projector')).toMatchObject({ code: 0 });
    const verified = await desk(['verify'], 'projector');
    expect(verified.stdout).toMatch(/every hash chain holds/);
    expect(verified.code).toBe(0);
    expect(await sql('grafana', 'select subject from read.tickets')).toEqual([{ subject: 'Too much' }]);
  }, 120_000);

  const denied = [
    ...['command-api', 'email-ingest', 'routing', 'projector', 'relay'].flatMap((role) => [
      [role, `update log.events set type = 'x'`],
      [role, 'delete from log.events'],
      [role, 'truncate log.events'],
      [role, 'insert into log.events select * from log.events'],
      [role, 'update log.head set position = 0'],
      [role, 'alter table log.events add column x int'],
      [role, 'create table public.x (a int)'],
    ]),
    ['projector', `select log.append('a', '{0}', '{1}', '{1}', '{1}', '{}', '', '', '')`],
    ['relay', `select log.append('a', '{0}', '{1}', '{1}', '{1}', '{}', '', '', '')`],
    ['relay', 'select * from read.tickets'],
    ['command-api', `update read.tickets set subject = 'x'`],
    ['command-api', 'update desk.projections set position = 0'],
    ['command-api', 'update desk.followers set position = 0'],
    ['routing', `select nextval('desk.ticket_numbers')`],
    ['sla-timer', 'update desk.followers set position = 0'],
    ['grafana', 'select * from log.events'],
    ['grafana', 'select * from desk.reply_drafts'],
    ['grafana', 'set transaction read write; delete from desk.followers'],
    ['query-api', 'set transaction read write; delete from desk.dead_letters'],
    ['query-api', 'set transaction read write; delete from desk.reply_drafts'],
    ['notification', 'select * from desk.reply_drafts'],
  ] as [string, string][];
  it.each(denied)('%s may not: %s', async (role, text) => {
    await expect(sql(role, text)).rejects.toThrow(/permission denied|must be owner/);
  });

  it.each(['query-api', 'grafana'])('%s writes nothing, not even by mistake', async (role) => {
    await expect(sql(role, 'create temporary table x (a int)')).rejects.toThrow(/read-only|permission denied/);
  });
});
