import { Type } from 'typebox';
import { afterEach, describe, expect, it } from 'vitest';
import { principalOf, sessionCookie } from '#packages/http/auth.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { bearer, createTestServer, hashOf } from './support.ts';

const schema = { summary: 'test', response: { 200: Type.Object({ personId: Type.String() }) } };

let app: HttpServer;
afterEach(() => app.close());

async function server() {
  const test = await createTestServer();
  app = test.app;
  app.get('/agents', { config: { access: ['agent'] }, schema }, async (request) => principalOf(request));
  app.get('/page', { config: { access: ['agent'], session: true }, schema }, async (request) => principalOf(request));
  app.post('/agents', { config: { access: ['agent'] }, schema, bodyLimit: 10 }, async (r) => principalOf(r));
  return test;
}

describe('bearer tokens', () => {
  it('name the principal', async () => {
    await server();
    const answer = await app.inject({ url: '/agents', headers: bearer('agent') });
    expect(answer.json()).toEqual({ personId: 'person-of-agent' });
  });

  it('of another role are refused', async () => {
    await server();
    const answer = await app.inject({ url: '/agents', headers: bearer('customer') });
    expect(answer.statusCode).toBe(403);
    expect(answer.json().code).toBe('FORBIDDEN');
  });

  it('that are foreign, expired or revoked are refused in the same words', async () => {
    const { tokens } = await server();
    tokens.add('expired', 'agent', { expiresAt: new Date('2026-03-02T09:00:00Z') });
    tokens.add('revoked', 'agent', { revokedAt: new Date('2026-03-01T00:00:00Z') });
    const answers = await Promise.all(
      ['foreign', 'expired', 'revoked'].map((token) => app.inject({ url: '/agents', headers: bearer(token) })),
    );
    const said = answers.map((answer) => ({
      ...answer.json(),
      traceId: '',
      challenge: answer.headers['www-authenticate'],
    }));
    expect(said[0]).toMatchObject({
      code: 'UNAUTHENTICATED',
      challenge: 'Bearer realm="deskledger", error="invalid_token"',
    });
    expect(said[1]).toEqual(said[0]);
    expect(said[2]).toEqual(said[0]);
  });

  it.each(['Basic YTpi', 'Bearer', 'Bearer a b', 'agent'])('are not read from "%s"', async (authorization) => {
    await server();
    expect((await app.inject({ url: '/agents', headers: { authorization } })).statusCode).toBe(401);
  });

  it('are not taken from the URL', async () => {
    await server();
    const answer = await app.inject('/agents?access_token=agent&token=agent');
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="deskledger"');
  });

  it('are asked for before the body is read', async () => {
    await server();
    const answer = await app.inject({ method: 'POST', url: '/agents', payload: { much: 'x'.repeat(100) } });
    expect(answer.statusCode).toBe(401);
  });

  it('stop working within seconds of being revoked, and expire on time', async () => {
    const { tokens, clock } = await server();
    tokens.add('short', 'agent', { expiresAt: new Date('2026-03-02T09:00:02Z') });
    const status = async (token: string) => (await app.inject({ url: '/agents', headers: bearer(token) })).statusCode;
    expect([await status('agent'), await status('short')]).toEqual([200, 200]);
    tokens.records.delete(hashOf('agent'));
    clock.forward({ seconds: 2 });
    expect(await status('short')).toBe(401);
    clock.forward({ seconds: 4 });
    expect(await status('agent')).toBe(401);
  });
});

describe('the session cookie', () => {
  it('counts on pages alone', async () => {
    await server();
    const cookies = { [sessionCookie]: 'agent' };
    expect((await app.inject({ url: '/page', cookies })).statusCode).toBe(200);
    expect((await app.inject({ url: '/agents', cookies })).statusCode).toBe(401);
    expect((await app.inject({ method: 'POST', url: '/agents', cookies, payload: {} })).statusCode).toBe(401);
  });
});
