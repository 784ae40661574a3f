import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ComposedDesk, startComposedDesk } from '#tests/support/composed-desk.ts';
import { toolMissing, type Yaml, yamlOf } from '#tests/support/infra.ts';
import { openSmtpPeer } from '#tests/support/smtp-peer.ts';

const missing = toolMissing('nats-server') ?? toolMissing('psql');
const patience = { timeout: 60_000, interval: 100 };

/** No more rights than infra/ gives are enough for everything that the desk does. */
describe.skipIf(missing !== null)('the services of infra/compose.yaml, with the roles and accounts of infra/', () => {
  let desk: ComposedDesk;
  let peer: Awaited<ReturnType<typeof openSmtpPeer>>;
  let authorization: string;
  beforeAll(async () => {
    peer = await openSmtpPeer();
    desk = await startComposedDesk({ SMTP_URL: peer.url });
    const { code, stderr, stdout } = await desk.run('migrate', ['services/desk/main.ts', 'token', 'admin']);
    expect(code, stderr).toBe(0);
    authorization = `Bearer ${stdout.trim()}`;
  }, 240_000);
  afterAll(async () => {
    await desk?.remove();
    await peer?.close();
  });

  const url = (api: 'command-api' | 'query-api', path: string) =>
    `http://127.0.0.1:${desk.service(api).httpPort}${path}`;
  const get = async (path: string): Promise<Yaml> =>
    (await fetch(url('query-api', path), { headers: { authorization } })).json();
  const send = async (method: 'POST' | 'PUT', path: string, body: object): Promise<Yaml> => {
    const headers = { authorization, 'content-type': 'application/json', 'if-match': '*' };
    const response = await fetch(url('command-api', path), { method, headers, body: JSON.stringify(body) });
    const text = await response.text();
    expect(response.ok, `${method} ${path}: ${response.status} ${text}`).toBe(true);
    return text === '' ? null : JSON.parse(text);
  };
  const mail = async (subject: string) => {
    const transport = createTransport({ host: '127.0.0.1', port: desk.service('email-ingest').smtpPort });
    const lena = { from: 'Lena Novak <lena@globex.example>', to: 'billing@desk.example' };
    await transport.sendMail({ ...lena, subject, text: 'You charged twice.' });
    transport.close();
  };
  /** The id of a ticket by its subject, once it has its group. */
  const routed = async (subject: string): Promise<string> => {
    let found: Yaml;
    const look = async () => {
      found = (await get('/v1/tickets')).items.find((ticket: Yaml) => ticket.subject === subject);
      return found?.group?.name;
    };
    await expect.poll(look, patience).toBe('Billing');
    return found.id;
  };
  const mails = (text: RegExp) => peer.accepted.filter(({ raw }) => text.test(raw)).length;

  it('do all that a desk does', async () => {
    await send('PUT', '/v1/settings/satisfaction/default', { active: true, question: 'Solved?', openDays: 30 });
    await send('PUT', '/v1/settings/macro/urgent', { name: 'Urgent', actions: [{ do: 'priority', to: 'urgent' }] });
    await Promise.all([mail('Too much'), mail('Too much again')]);
    const [first, second] = [await routed('Too much'), await routed('Too much again')];

    await send('PUT', `/v1/tickets/${first}/presence`, { state: 'typing' });
    expect((await get(`/v1/tickets/${first}/presence`)).items).toMatchObject([{ state: 'typing' }]);
    await send('PUT', `/v1/tickets/${first}/presence`, { state: 'away' });

    const action = { action: { do: 'macro', macroId: 'urgent' }, ticketIds: [first, second] };
    const { id: bulk } = await send('POST', '/v1/bulk-actions', action);
    await expect.poll(() => get(`/v1/bulk-actions/${bulk}`), patience).toMatchObject({ status: 'completed', done: 2 });

    await send('PUT', `/v1/tickets/${second}/merge`, { into: first });
    const upload = await fetch(url('command-api', '/v1/attachments?name=bill.txt'), {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/octet-stream' },
      body: 'a bill',
    });
    const { reference } = (await upload.json()) as { reference: string };
    const answer = { visibility: 'public', text: 'You get it back.', attachments: [reference], status: 'resolved' };
    await send('POST', `/v1/tickets/${first}/comments`, answer);
    await expect.poll(() => mails(/bill\.txt/), patience).toBeGreaterThan(0);

    const { id: article } = await send('POST', '/v1/articles', { language: 'en', title: 'Bills', text: 'Pay them.' });
    await send('PUT', `/v1/articles/${article}/visibility`, { visibility: 'public' });
    await send('PUT', `/v1/articles/${article}/translations/en/publication`, {});
    await expect.poll(() => get('/v1/kb/articles'), patience).toMatchObject({ items: [{ id: article }] });

    await expect.poll(() => mails(/\/rate\//), patience).toBe(1);
    const asked = peer.accepted.find(({ raw }) => raw.includes('/rate/'))?.raw.replaceAll('=\r\n', '') ?? '';
    const link = /\/rate\/[\w.-]+/.exec(asked)?.[0] ?? '';
    const body = new URLSearchParams({ score: '5' });
    const rated = await fetch(url('command-api', link), { method: 'POST', body, redirect: 'manual' });
    expect(rated.status).toBe(303);
    await expect.poll(() => get('/v1/reports/satisfaction/ratings'), patience).toMatchObject({ items: [{ score: 5 }] });
  }, 120_000);

  it('go on where they were when each has been stopped and started', async () => {
    const codes = await Promise.all(desk.names.map(async (name) => [name, await desk.restart(name)]));
    expect(codes).toEqual(desk.names.map((name) => [name, 0]));
    await mail('And again');
    await routed('And again');
    await expect.poll(() => mails(/^Subject: .*And again/m), patience).toBe(1);
  }, 180_000);

  it('take mail while NATS is away, say so, and do the rest when it is back', async () => {
    const [projector, routing] = [desk.service('projector'), desk.service('routing')];
    await desk.nats.kill();
    await expect.poll(() => desk.metrics('projector'), patience).toMatch(/^desk_bus_connected 0$/m);
    expect((await projector.readiness())?.ready).toBe(true);
    expect(await projector.detail('message bus')).toBe('not connected to the broker; reactions to events wait');
    await expect.poll(async () => (await routing.readiness())?.ready, patience).toBe(false);
    await mail('Meanwhile');
    await desk.nats.start();
    await routed('Meanwhile');
    await expect.poll(async () => (await routing.readiness())?.ready, patience).toBe(true);
  }, 120_000);

  it('tell the figures that alerts are about, and none that is amiss', async () => {
    const texts = new Map(await Promise.all(desk.names.map(async (name) => [name, await desk.metrics(name)] as const)));
    const served = new Set([...texts.values()].flatMap((text) => [...text.matchAll(/^\w+/gm)].map(([name]) => name)));
    const rules: Yaml[] = yamlOf('infra/prometheus/alerts.yaml').groups.flatMap((group: Yaml) => group.rules);
    for (const { alert, expr } of rules)
      for (const [name] of expr.matchAll(/\b(?:desk|process|nodejs|http)_[a-z0-9_]+\b/g))
        expect(served, alert).toContain(name);
    const bus = async () =>
      (await desk.metrics('projector')).match(/^desk_(bus|consumer|dead|relay)\S* .*$/gm)?.toSorted() ?? [];
    const figures = await bus();
    // What was handed out is about to be acknowledged; nothing else is left, and all of it can be read.
    const rest = async () => (await bus()).filter((line) => !/^desk_bus_connected 1$| 0$/.test(line));
    await expect.poll(rest, patience).toEqual([]);
    for (const name of ['routing', 'relations', 'bulk', 'notification', 'email-ingest'])
      expect(figures).toContain(`desk_dead_letters{consumer="${name}"} 0`);
  });

  it('have their commands for operators', async () => {
    const letters = await desk.run('routing', ['services/desk/main.ts', 'dead-letters', 'list']);
    expect(letters).toMatchObject({ code: 0, stdout: '' });
    const verified = await desk.run('projector', ['services/desk/main.ts', 'verify']);
    expect(verified.stdout).toMatch(/every hash chain holds/);
    expect(verified.code, verified.stdout).toBe(0);
  }, 60_000);

  it('are refused nothing that they ask for', () => {
    const lines = desk.said().split('\n');
    expect(lines.length).toBeGreaterThan(desk.names.length);
    expect(lines.filter((line) => /permission denied|permissions.violation/i.test(line))).toEqual([]);
  });
});
