import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { noDovecot, startDovecot } from '#tests/support/dovecot.ts';
import { accountOn, withFolder } from '#tests/support/imap-desk.ts';

/** Gives tokens to one client, and tells Dovecot whose they are. */
async function startAuthority(secret: string, token: string) {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname === '/info') {
      const known = url.searchParams.get('access_token') === token;
      response.writeHead(known ? 200 : 400, { 'content-type': 'application/json' });
      return response.end(JSON.stringify(known ? { user: 'support' } : { error: 'invalid_token' }));
    }
    const body = await text(request);
    requests.push(body);
    const granted = new URLSearchParams(body).get('client_secret') === secret;
    response.writeHead(granted ? 200 : 401, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(granted ? { access_token: token } : { error: 'invalid_client' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : null;
  return { url: `http://127.0.0.1:${port}`, requests };
}

describe.skipIf(noDovecot !== null)('login with OAuth2', () => {
  it('asks the token endpoint with client credentials, and logs in with the token or with one from a file', async () => {
    const authority = await startAuthority('s3cret & more', 'token-1');
    const server = await startDovecot({ tokenInfo: `${authority.url}/info?access_token=` });
    const clientSecretFile = join(server.dir, 'client-secret');
    const accessTokenFile = join(server.dir, 'token');
    await writeFile(clientSecretFile, 's3cret & more\n');
    await writeFile(accessTokenFile, 'token-1\n');

    const credentials = { tokenUrl: `${authority.url}/token`, clientId: 'desk', clientSecretFile, scope: 'imap' };
    const open = (login: Parameters<typeof accountOn>[1]) =>
      withFolder(accountOn(server, login), async (folder) => folder.waiting());
    expect(await open({ login: credentials })).toEqual([]);
    expect(Object.fromEntries(new URLSearchParams(authority.requests[0]))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'desk',
      client_secret: 's3cret & more',
      scope: 'imap',
    });
    expect(await open({ login: { accessTokenFile } })).toEqual([]);

    await writeFile(accessTokenFile, 'token-2');
    await expect(open({ login: { accessTokenFile } })).rejects.toMatchObject({ name: 'ImapError', fault: 'login' });
    await writeFile(clientSecretFile, 'wrong');
    const refused = open({ login: credentials });
    await expect(refused).rejects.toThrow(/^the token endpoint 127.0.0.1:\d+ answered 401$/);
  });
});
