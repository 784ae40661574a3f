import { request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { RouteShorthandOptions } from 'fastify';
import { Type } from 'typebox';
import { afterEach, describe, expect, it } from 'vitest';
import { Strict } from '#contracts/primitives.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { bearer, createTestServer } from './support.ts';

const Body = Strict({
  name: Type.String({ minLength: 2 }),
  age: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
  nested: Type.Optional(Strict({ list: Type.Array(Strict({ id: Type.String({ format: 'uuid' }) })) })),
});
const Answer = Type.Object({ ok: Type.Boolean() });
const Query = Strict({
  limit: Type.Integer({ minimum: 1, maximum: 10, default: 5 }),
  flag: Type.Optional(Type.Boolean()),
  tag: Type.Optional(Type.Array(Type.String())),
});

const schema = { summary: 'test', response: { 200: Answer } };
const config = { access: 'public' as const };

let apps: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(apps.map((app) => app.close()));
  apps = [];
});

async function server(options: Parameters<typeof createTestServer>[0] = {}) {
  const test = await createTestServer(options);
  apps.push(test.app);
  test.app.post('/things', { config, schema: { ...schema, body: Body } }, async () => ({ ok: true }));
  test.app.get(
    '/things',
    { config, schema: { ...schema, querystring: Query, response: { 200: Query } } },
    async (r) => r.query,
  );
  test.app.get('/things/:id', { config, schema }, async () => ({ ok: true }));
  return test;
}

describe('bodies', () => {
  const cases: [string, unknown, { pointer: string; detail: string }[]][] = [
    ['a missing field', {}, [{ pointer: '/name', detail: 'is required' }]],
    ['an unknown field', { name: 'abc', nmae: 1 }, [{ pointer: '/nmae', detail: 'is not known here' }]],
    ['a field that must be escaped', { name: 'abc', 'a/b': 1 }, [{ pointer: '/a~1b', detail: 'is not known here' }]],
    ['a number as text', { name: 7 }, [{ pointer: '/name', detail: 'must be string' }]],
    ['text as a number', { name: 'abc', age: '7' }, [{ pointer: '/age', detail: 'must be integer, or must be null' }]],
    [
      'a deep fault',
      { name: 'abc', nested: { list: [{ id: 'x' }] } },
      [{ pointer: '/nested/list/0/id', detail: 'must match format "uuid"' }],
    ],
  ];
  it.each(cases)('refuses %s with its pointer', async (_name, payload, errors) => {
    const { app } = await server();
    const answer = await app.inject({ method: 'POST', url: '/things', payload: payload as object });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json()).toMatchObject({
      code: 'INVALID_REQUEST',
      type: 'urn:deskledger:problem:INVALID_REQUEST',
      errors,
    });
  });

  it('bounds the number of faults it tells', async () => {
    const { app } = await server();
    const payload = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field${index}`, 1]));
    const answer = await app.inject({ method: 'POST', url: '/things', payload });
    expect(answer.json().errors.length).toBeLessThan(20);
  });

  it.each([
    ['broken JSON', '{"name":', 'application/json', 400, 'INVALID_JSON'],
    ['an empty body', '', 'application/json', 400, 'INVALID_JSON'],
    ['a poisoned prototype', '{"__proto__":{"a":1},"name":"abc"}', 'application/json', 400, 'INVALID_JSON'],
    ['a form', 'name=abc', 'application/x-www-form-urlencoded', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['too much', JSON.stringify({ name: 'x'.repeat(2_000_000) }), 'application/json', 413, 'PAYLOAD_TOO_LARGE'],
    ['no object', '"text"', 'application/json', 400, 'INVALID_REQUEST'],
  ])('refuses %s', async (_name, payload, type, status, code) => {
    const { app } = await server();
    const answer = await app.inject({ method: 'POST', url: '/things', payload, headers: { 'content-type': type } });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code, status });
  });
});

describe('query parameters', () => {
  it('become numbers, booleans and lists, with defaults', async () => {
    const { app } = await server();
    const answer = await app.inject('/things?flag=true&tag=a');
    expect(answer.json()).toEqual({ limit: 5, flag: true, tag: ['a'] });
    expect((await app.inject('/things?tag=a&tag=b&limit=7')).json()).toEqual({ limit: 7, tag: ['a', 'b'] });
  });

  it.each(['limit=1.5', 'limit=', 'limit=0', 'limit=true', 'limit=1&limit=2', 'limit=1e1', 'flag=yes', 'wrong=1'])(
    'refuses %s by name',
    async (query) => {
      const { app } = await server();
      const answer = await app.inject(`/things?${query}`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json().errors[0].pointer).toBe(query.split('=')[0]);
    },
  );
});

describe('routes', () => {
  it('tells a wrong method from a wrong path', async () => {
    const { app } = await server();
    const wrongMethod = await app.inject({ method: 'DELETE', url: '/things/7' });
    expect(wrongMethod.statusCode).toBe(405);
    expect(wrongMethod.headers['allow']).toBe('GET, HEAD');
    expect(wrongMethod.json().code).toBe('METHOD_NOT_ALLOWED');
    const wrongPath = await app.inject('/nothing');
    expect(wrongPath.statusCode).toBe(404);
    expect(wrongPath.json().code).toBe('NOT_FOUND');
    expect((await app.inject('/things/%ff')).json().code).toBe('INVALID_REQUEST');
  });

  const incomplete: [string, RouteShorthandOptions][] = [
    ['access', { schema }],
    ['a response schema', { config, schema: { summary: 'x' } }],
    ['a summary', { config, schema: { response: { 200: Answer } } }],
  ];
  it.each(incomplete)('cannot be registered without %s', async (_what, options) => {
    const { app } = await createTestServer();
    apps.push(app);
    expect(() => app.get('/bad', options, async () => ({ ok: true }))).toThrow(/GET \/bad/);
  });

  it('cannot take the session cookie for a change', async () => {
    const { app } = await createTestServer();
    apps.push(app);
    const options = { config: { access: ['agent'] as const, session: true }, schema };
    expect(() => app.post('/bad', options, async () => ({ ok: true }))).toThrow(/session cookie/);
  });

  it('cannot change something without naming its commands', async () => {
    const { app } = await createTestServer();
    apps.push(app);
    expect(() => app.put('/v1/bad', { config, schema }, async () => ({ ok: true }))).toThrow(
      /PUT \/v1\/bad .*commands/,
    );
  });
});

describe('answers', () => {
  it('hold nothing but what their schema names', async () => {
    const { app } = await server();
    app.get('/leak', { config, schema }, async () => ({ ok: true, secret: 'x', position: 7n }));
    const answer = await app.inject('/leak');
    expect(answer.json()).toEqual({ ok: true });
  });

  it('say INTERNAL for an unexpected error, and the log has the rest under the trace id', async () => {
    const { app, lines } = await server();
    app.get('/broken', { config, schema }, async () => {
      throw new Error('password is hunter2');
    });
    const answer = await app.inject('/broken');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('hunter2');
    const { traceId, code } = answer.json();
    expect(code).toBe('INTERNAL');
    expect(answer.headers['x-request-id']).toBe(traceId);
    expect(lines.find((line) => line.includes('hunter2'))).toContain(traceId);
  });

  it('to broken HTTP leave nothing of what was sent in the log', async () => {
    const { app, lines } = await server();
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const hungUp = Promise.withResolvers<void>();
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer hunter2\r\nodd\u0001: x\r\n\r\n'),
    );
    socket.resume().on('close', hungUp.resolve).on('error', hungUp.reject);
    await hungUp.promise;
    const logged = lines.find((line) => line.includes('not a request'));
    expect(logged).toContain('HPE_INVALID_HEADER_TOKEN');
    expect(logged).not.toContain([...Buffer.from('hunter2')].join());
    expect(logged).not.toContain('hunter2');
  });

  it('carry the trace id of the caller', async () => {
    const { app } = await server();
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const answer = await app.inject({ url: '/nothing', headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } });
    expect(answer.json().traceId).toBe(trace);
    const odd = await app.inject({ url: '/nothing', headers: { traceparent: '<script>' } });
    expect(odd.json().traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('give the members of a refusal, never its cause', async () => {
    const { app } = await server();
    app.get('/refused', { config, schema }, async () => {
      throw new AppError('VERSION_CONFLICT', { extra: { expected: 1, actual: 2 }, cause: new Error('inner') });
    });
    const answer = await app.inject('/refused');
    expect(answer.statusCode).toBe(412);
    expect(answer.json()).toMatchObject({ code: 'VERSION_CONFLICT', expected: 1, actual: 2 });
    expect(answer.body).not.toContain('inner');
  });

  it('come in time, or as TIMEOUT', async () => {
    const { app } = await server({ handlerTimeoutMs: 30 });
    app.get('/slow', { config, schema }, () => new Promise<{ ok: boolean }>(() => undefined));
    const answer = await app.inject('/slow');
    expect(answer.statusCode).toBe(504);
    expect(answer.json().code).toBe('TIMEOUT');
  });

  it('forbid caching, sniffing and framing', async () => {
    const { app } = await server();
    for (const url of ['/things/7', '/nothing']) {
      const { headers } = await app.inject(url);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    }
  });
});

describe('close', () => {
  it('ends long polls, lets running requests finish and does not wait for kept-alive connections', async () => {
    const { app } = await server({ closeTimeoutMs: 3_000 });
    const arrived = Promise.withResolvers<void>();
    app.get('/poll', { config, schema }, async () => {
      arrived.resolve();
      await new Promise((resolve) => app.closing.addEventListener('abort', resolve, { once: true }));
      return { ok: true };
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const answered = new Promise<number | undefined>((resolve, reject) => {
      request({ port, path: '/poll', headers: bearer('agent') }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      })
        .on('error', reject)
        .end();
    });
    await arrived.promise;
    await app.close();
    expect(await answered).toBe(200);
  });

  it('cuts what does not end in time', async () => {
    const { app } = await server({ closeTimeoutMs: 100 });
    const arrived = Promise.withResolvers<void>();
    app.get('/endless', { config, schema }, () => {
      arrived.resolve();
      return new Promise<{ ok: boolean }>(() => undefined);
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const cut = new Promise((resolve) => request({ port, path: '/endless' }).on('error', resolve).end());
    await arrived.promise;
    await app.close();
    expect(await cut).toBeInstanceOf(Error);
  });
});
