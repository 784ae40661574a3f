import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionCookie } from '#packages/http/auth.ts';
import { type Person, startTestDesk, type TestDesk } from '#tests/support/desk.ts';

let desk: TestDesk;
let agent: Person;
let number: number;
let id: string;

const browser = { accept: 'text/html,application/xhtml+xml' };
const subject = '<script>alert("subject")</script>';

beforeAll(async () => {
  desk = await startTestDesk();
  agent = await desk.person('agent');
  const payload = {
    subject,
    text: '<b>text</b>',
    html: '<p onclick="x()">Hi <a href="https://x.example">link</a></p>',
  };
  ({ id, number } = (await desk.as(agent, { method: 'POST', url: '/v1/tickets', payload })).json());
  const headers = { 'if-match': '*' };
  await desk.as(agent, { method: 'PUT', url: `/v1/tickets/${id}/priority`, payload: { priority: 'urgent' }, headers });
  await desk.as(agent, { method: 'PUT', url: `/v1/tickets/${id}/status`, payload: { status: 'pending' }, headers });
  await desk.settled();
});
afterAll(() => desk?.stop());

const visit = (url: string, token = agent.token) =>
  desk.app.inject({ url, headers: browser, ...(token && { cookies: { [sessionCookie]: token } }) });
const signIn = (form: Record<string, string>, headers = {}) =>
  desk.app.inject({
    method: 'POST',
    url: '/session',
    payload: new URLSearchParams(form).toString(),
    headers: { ...browser, 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });

describe('signing in', () => {
  it('puts the token into a cookie that scripts and other sites cannot use', async () => {
    const answer = await signIn({ token: ` ${agent.token} `, next: '/kpi?from=2026-03-01' });
    expect([answer.statusCode, answer.headers['location']]).toEqual([303, '/kpi?from=2026-03-01']);
    const [cookie] = answer.cookies;
    expect(cookie).toMatchObject({
      name: sessionCookie,
      value: agent.token,
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
    });
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', '', '/a b', '/\r\nSet-Cookie: x=1'])(
    'goes on within the desk only, not to %j',
    async (next) => {
      expect((await signIn({ token: agent.token, next })).headers['location']).toBe('/');
    },
  );

  it('with a foreign token shows the form again', async () => {
    const answer = await signIn({ token: 'desk_foreign', next: '/queues' });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(answer.body).toContain('<form method="post" action="/session"');
    expect(answer.cookies).toEqual([]);
  });

  it('cannot be done by another site', async () => {
    expect((await signIn({ token: agent.token, next: '/' }, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
  });

  it('ends with the cookie', async () => {
    const answer = await desk.app.inject({ method: 'POST', url: '/session/end' });
    expect(answer.statusCode).toBe(303);
    expect(answer.cookies[0]).toMatchObject({ name: sessionCookie, value: '' });
  });

  it('is asked for by pages, which then lead back', async () => {
    const answer = await visit('/queues?status=new', '');
    expect(answer.statusCode).toBe(401);
    expect(answer.body).toContain('name="next" value="/queues?status=new"');
  });

  it('is not offered by the API, which does not take it', async () => {
    const answer = await visit('/v1/tickets', '');
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      401,
      'application/problem+json; charset=utf-8',
    ]);
  });

  it('opens pages alone: no API, and nothing that changes', async () => {
    const cookies = { [sessionCookie]: agent.token };
    expect((await desk.app.inject({ url: '/v1/tickets', cookies })).statusCode).toBe(401);
    const change = { method: 'PUT', url: `/v1/tickets/${id}/status`, cookies, payload: { status: 'open' } } as const;
    expect((await desk.app.inject(change)).statusCode).toBe(401);
  });
});

describe('every page', () => {
  const pages = [
    '/',
    '/queues',
    '/tickets/NUMBER',
    '/tickets/NUMBER/replay',
    '/tickets/NUMBER/replay?step=3',
    '/outbox',
    '/kpi',
    '/kpi/tickets?metric=created',
  ];

  it.each(pages)('%s is HTML of its own, without scripts and without anything from elsewhere', async (path) => {
    const answer = await visit(path.replace('NUMBER', String(number)));
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['content-security-policy']).not.toContain('unsafe');
    expect(answer.body).not.toMatch(/<script|\son\w+="|\sstyle="/);
    expect(answer.body).not.toMatch(/(src|href|action)="(https?:)?\/\//);
    expect(answer.body).toContain('<meta name="viewport"');
  });

  it.each(pages.slice(1))('%s is for those who are signed in', async (path) => {
    expect((await visit(path.replace('NUMBER', String(number)), '')).statusCode).toBe(401);
  });
});

describe('the front page', () => {
  it('tells what runs here to everybody, and nothing of tickets', async () => {
    const { body } = await visit('/', '');
    for (const told of [
      'support@desk.example',
      '127.0.0.1:8080',
      'outbox folder',
      'tickets v1',
      '/docs',
      '/kpi',
      '/queues',
    ])
      expect(body).toContain(told);
    expect(body).not.toContain('alert');
    expect(body).toContain('action="/session"');
    expect((await visit('/')).body).toContain('Sign out');
  });
});

describe('the ticket page', () => {
  it('shows the conversation as text and the formatted twin in a closed frame', async () => {
    const { body } = await visit(`/tickets/${number}`);
    expect(body).toContain('&lt;script&gt;alert(&quot;subject&quot;)&lt;/script&gt;');
    expect(body).toContain('&lt;b&gt;text&lt;/b&gt;');
    expect(body).toContain('<iframe sandbox=""');
    expect(body).toContain('priority normal → urgent');
    expect(body).toContain(`/tickets/${number}/replay`);
  });

  it('that is not there says so in HTML', async () => {
    const answer = await visit('/tickets/999999');
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    expect(answer.body).toContain('TICKET_NOT_FOUND');
    const broken = await visit('/%ff');
    expect([broken.statusCode, broken.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
  });
});

describe('the replay', () => {
  it('steps through the events, each with the state it leaves', async () => {
    const step = async (count: number) => (await visit(`/tickets/${number}/replay?step=${count}`)).body;
    const [first, second, third] = [await step(1), await step(2), await step(3)];
    expect(first).toContain('<h2>TicketCreated</h2>');
    expect(first).toMatch(/<dt>Priority<\/dt><dd class="changed">normal<\/dd>/);
    expect(second).toContain('<h2>TicketPriorityChanged</h2>');
    expect(second).toMatch(/<dt>Priority<\/dt><dd class="changed"><s>normal<\/s> urgent<\/dd>/);
    expect(second).toMatch(/<dt>Status<\/dt><dd>new<\/dd>/);
    expect(third).toMatch(/<dt>Status<\/dt><dd class="changed"><s>new<\/s> pending<\/dd>/);
    expect(await step(10_000)).toContain('Step 3 of 3');
    expect((await visit(`/tickets/${number}/replay?step=0`)).statusCode).toBe(400);
  });
});
