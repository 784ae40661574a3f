import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#packages/kernel/ids.ts';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let port: number;

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  await desk.app.listen({ port: 0, host: '127.0.0.1' });
  port = (desk.app.server.address() as AddressInfo).port;
});
afterAll(() => desk?.stop());

const body = { subject: 'Printer', text: 'On fire' };
const open = (payload: object) => desk.as(agent, { method: 'POST', url: '/v1/tickets', payload });

/** Sends bytes as they are and gives all that comes back. */
const talk = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.on('error', reject);
  });

describe('text that nothing could hold', () => {
  it.each([
    ['a NUL in a body', { ...body, text: 'a\u0000b' }, '/text'],
    ['half a surrogate pair', { ...body, text: 'a\ud800b' }, '/text'],
    ['a line break in a subject', { ...body, subject: 'a\r\nBcc: x@y.example' }, '/subject'],
    ['a domain that is none', { ...body, requester: { email: 'a@xn--.example' } }, '/requester/email'],
    ['a requester in two ways', { ...body, requester: { id: newId(), email: 'a@b.example' } }, '/requester'],
    ['a requester in no way', { ...body, requester: { name: 'Anna' } }, '/requester'],
  ])('is refused where it is: %s', async (_what, payload, pointer) => {
    const answer = await open(payload);
    expect([answer.statusCode, answer.json().code, answer.json().errors[0].pointer]).toEqual([
      400,
      'INVALID_REQUEST',
      pointer,
    ]);
  });

  it('is refused in parameters too', async () => {
    for (const url of ['/v1/tickets?q=%00', '/v1/people?q=a%00']) {
      const answer = await desk.as(agent, url);
      expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, 'q']);
    }
    expect((await desk.as(agent, '/v1/tickets/%00')).statusCode).toBe(400);
    expect((await desk.as(agent, `/v1/tickets/${'9'.repeat(500)}`)).statusCode).toBeLessThan(500);
  });
});

describe('values that no column could hold', () => {
  /** The cursor of the second page with other keys in it. */
  const forged = async (path: string, keys: unknown): Promise<string> => {
    const { next } = (await desk.as(agent, path)).json();
    const url = new URL(next, 'http://desk');
    const { q } = JSON.parse(Buffer.from(url.searchParams.get('cursor') ?? '', 'base64url').toString());
    url.searchParams.set('cursor', Buffer.from(JSON.stringify({ q, k: keys })).toString('base64url'));
    return url.pathname + url.search;
  };
  const someone = newId();

  beforeAll(async () => {
    await desk.person('customer');
    await open(body);
    await open(body);
    const headers = { 'if-match': '*' };
    const payload = { visibility: 'internal', text: 'A second entry' };
    await desk.as(agent, { method: 'POST', url: '/v1/tickets/1001/comments', payload, headers });
  });

  it.each<[string, unknown]>([
    ['/v1/tickets?limit=1', ['0000-01-01T00:00:00Z', someone]],
    ['/v1/tickets?limit=1', ['9999-12-31T23:59:59+23:59', someone]],
    ['/v1/tickets?limit=1&sort=priority', [2 ** 40, '2026-01-01T00:00:00Z', someone]],
    ['/v1/people?limit=1', ['a\u0000b', someone]],
    ['/v1/reports/kpi/tickets?metric=backlog&limit=1', 2 ** 40],
    ['/v1/tickets/1001/timeline?limit=1', 1e300],
  ])('are refused in the cursor of %s: %j', async (path, keys) => {
    const answer = await desk.as(agent, await forged(path, keys));
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_CURSOR']);
  });

  it.each(['from=0000-01-01&to=0000-02-01', 'to=0001-01-02'])('are refused in a period: %s', async (period) => {
    const answer = await desk.as(agent, `/v1/reports/kpi?${period}`);
    expect([answer.statusCode, answer.json().errors[0].pointer]).toEqual([400, 'from']);
  });

  it('are refused when they are nested without end', async () => {
    const admin = await desk.person('admin');
    const answer = await desk.as(admin, {
      method: 'PUT',
      url: '/v1/settings/calendar/deep',
      payload: `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'INVALID_REQUEST']);
  });
});

describe('what is hardly HTTP', () => {
  it('is answered by a problem and a hang-up', async () => {
    const answer = await talk('NONSENSE\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '').code).toBe('INVALID_REQUEST');
  });

  it('also when its head has no end', async () => {
    const answer = await talk(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  });
});

describe('an upload that breaks off', () => {
  it('leaves nothing behind and the desk running', async () => {
    const socket = connect(port, '127.0.0.1');
    const head = `POST /v1/attachments?name=x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${agent.token}\r\n`;
    socket.write(`${head}content-type: image/png\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(1_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    expect((await desk.as(agent, '/v1/me')).statusCode).toBe(200);
  });
});

describe('a stranger', () => {
  const routes = [
    ['GET', '/v1/tickets'],
    ['GET', '/v1/tickets/1'],
    ['GET', '/v1/tickets/1/timeline'],
    ['GET', '/v1/tickets/1/history'],
    ['GET', '/v1/tickets/1/sla'],
    ['GET', `/v1/tickets/1/attachments/${'0'.repeat(64)}`],
    ['GET', '/v1/queues'],
    ['GET', '/v1/reports/kpi'],
    ['GET', '/v1/reports/kpi/tickets'],
    ['GET', '/v1/events'],
    ['GET', '/events'],
    ['GET', '/v1/outbox'],
    ['GET', '/v1/inbox'],
    ['GET', '/v1/people'],
    ['GET', '/v1/companies'],
    ['GET', '/v1/groups'],
    ['GET', '/v1/settings'],
    ['GET', '/v1/me'],
    ['POST', '/v1/tickets'],
    ['POST', '/v1/attachments'],
    ['POST', '/v1/people'],
    ['POST', '/v1/groups'],
    ['PUT', '/v1/tickets/1/status'],
    ['PUT', '/v1/settings/mailbox/x'],
  ] as const;

  it.each(routes)('learns nothing from %s %s', async (method, url) => {
    for (const headers of [{}, { authorization: 'Bearer desk_foreign' }]) {
      const answer = await desk.app.inject({ method, url, headers, ...(method !== 'GET' && { payload: {} }) });
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'UNAUTHENTICATED']);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    }
  });
});

describe('a database that goes away', () => {
  it('is told in the words of the desk, and of nothing inside', async () => {
    const { pool } = desk.platform;
    const query = pool.query.bind(pool);
    const connectPool = pool.connect.bind(pool);
    const away = () =>
      Promise.reject(Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' }));
    const token = { authorization: `Bearer ${agent.token}` };
    expect((await desk.app.inject({ url: '/v1/me', headers: token })).statusCode).toBe(200);
    Object.assign(pool, { query: away, connect: away });
    try {
      const answer = await desk.app.inject({ url: '/v1/tickets', headers: token });
      expect([answer.statusCode, answer.json().code]).toEqual([503, 'READ_MODEL_UNAVAILABLE']);
      expect(answer.headers['retry-after']).toBe('1');
      expect(answer.body).not.toContain('10.0.0.7');
    } finally {
      Object.assign(pool, { query, connect: connectPool });
    }
  });
});
