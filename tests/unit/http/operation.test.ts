import { pino } from 'pino';
import { Type } from 'typebox';
import { afterEach, describe, expect, it } from 'vitest';
import { readYourWrites } from '#packages/http/desk-position.ts';
import { registerHealth } from '#packages/http/health.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { createMetrics, registerMetrics } from '#packages/http/metrics.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { createTestServer } from './support.ts';

let app: HttpServer;
afterEach(() => app.close());

const schema = { summary: 'test', response: { 200: Type.Object({}) } };

describe('reading your writes', () => {
  /** Read models at these positions; waiting moves the slow one by as much as it is told to. */
  async function server(positions: Record<string, bigint>, progress = 0n) {
    ({ app } = await createTestServer());
    const waits: unknown[] = [];
    const watch = {
      positions: async () => new Map(Object.entries(positions)),
      async waitFor(...asked: [bigint, number, (readonly string[])?]) {
        waits.push(asked);
        positions['slow'] = (positions['slow'] ?? 0n) + progress;
        return positions['slow'] >= asked[0];
      },
    };
    const preHandler = readYourWrites(watch, ['fast', 'slow']);
    app.get('/read', { preHandler, config: { access: 'public' }, schema }, async () => ({}));
    const read = async (position?: string) => {
      const headers = position === undefined ? {} : { 'desk-min-position': position };
      return app.inject({ url: '/read', headers });
    };
    return { read, waits };
  }

  it('tells the least position of what the answer is made of', async () => {
    const { read, waits } = await server({ fast: 9n, slow: 5n, other: 1n });
    const { headers } = await read();
    expect(headers['desk-position']).toBe('5');
    expect(headers['desk-stale']).toBeUndefined();
    expect(waits).toEqual([]);
  });

  it('waits for the position that was asked for', async () => {
    const { read, waits } = await server({ fast: 9n, slow: 5n }, 2n);
    const { headers } = await read('7');
    expect(waits).toEqual([[7n, 2_000, ['fast', 'slow']]]);
    expect(headers['desk-position']).toBe('7');
    expect(headers['desk-stale']).toBeUndefined();
  });

  it('answers all the same when that takes too long, and says so', async () => {
    const { read } = await server({ fast: 9n, slow: 5n });
    const { headers, statusCode } = await read('7');
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'desk-position': '5', 'desk-stale': 'true' });
  });

  it('is behind everything while a read model is not there yet', async () => {
    const { read } = await server({ fast: 9n });
    expect((await read()).headers['desk-position']).toBe('0');
  });

  it.each(['-1', 'abc', '1.5', '99999999999999999999', '9223372036854775808', ''])('refuses %j', async (position) => {
    const { read } = await server({ fast: 9n, slow: 5n });
    const answer = await read(position);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors[0].pointer).toBe('Desk-Min-Position');
  });
});

describe('health', () => {
  it('is live whatever the checks say, and ready when all are well', async () => {
    ({ app } = await createTestServer());
    let broken = false;
    registerHealth(app, [
      { name: 'log', run: async () => 'position 7' },
      {
        name: 'database',
        run: async () => {
          if (broken) throw new AppError('READ_MODEL_UNAVAILABLE', { cause: new Error('10.0.0.7 refused') });
          return undefined;
        },
      },
    ]);
    const ready = await app.inject('/readyz');
    expect(ready.statusCode).toBe(200);
    expect(ready.json()).toMatchObject({
      ready: true,
      checks: [{ name: 'log', ok: true, detail: 'position 7' }, { ok: true }],
    });
    broken = true;
    const notReady = await app.inject('/readyz');
    expect(notReady.statusCode).toBe(503);
    expect(notReady.json().checks[1]).toMatchObject({
      ok: false,
      detail: 'The read models cannot be reached just now',
    });
    expect(notReady.body).not.toContain('10.0.0.7');
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
  });
});

describe('metrics', () => {
  it('count answers by route pattern and read gauges when asked', async () => {
    ({ app } = await createTestServer());
    const metrics = createMetrics({ log: pino({ level: 'silent' }) });
    registerMetrics(app, metrics);
    app.get('/things/:id', { config: { access: 'public' }, schema }, async () => ({}));
    metrics.gauge({ name: 'lag', help: 'x', label: 'projection', read: async () => new Map([['tickets', 3]]) });
    metrics.gauge({ name: 'broken', help: 'x', read: () => Promise.reject(new Error('away')) });
    await app.inject('/things/1');
    await app.inject('/things/2');
    await app.inject('/nothing');
    const { body, headers, statusCode } = await app.inject('/metrics');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain('http_request_duration_seconds_count{method="GET",route="/things/:id",status="200"} 2');
    expect(body).toContain('http_request_duration_seconds_count{method="GET",route="unknown",status="404"} 1');
    expect(body).toContain('lag{projection="tickets"} 3');
    expect(body).toMatch(/^broken nan$/im);
  });
});
