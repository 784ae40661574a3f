import { readFile } from 'node:fs/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { ImapLogin } from './imap-account.ts';
import { ImapError } from './imap-error.ts';

const timeoutMs = 30_000;
const Answer = Type.Object({ access_token: Type.String({ minLength: 1 }) });

/** What imapflow logs in with, read anew for every connection: secrets and tokens change while the desk runs. */
export async function imapSecret(login: ImapLogin): Promise<{ pass: string } | { accessToken: string }> {
  if ('password' in login) return { pass: login.password };
  if ('passwordFile' in login) return { pass: await secretIn(login.passwordFile) };
  if ('accessTokenFile' in login) return { accessToken: await secretIn(login.accessTokenFile) };
  return { accessToken: await requestToken(login) };
}

/** Client credentials grant (RFC 6749 4.4) with the secret in the body, as mail providers take it. */
async function requestToken(login: Extract<ImapLogin, { tokenUrl: string }>): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: login.clientId,
    client_secret: await secretIn(login.clientSecretFile),
    ...(login.scope === undefined ? {} : { scope: login.scope }),
  });
  const { host } = new URL(login.tokenUrl);
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(login.tokenUrl, { method: 'POST', body, redirect: 'error', signal });
    if (!response.ok) throw new ImapError('login', `the token endpoint ${host} answered ${response.status}`);
    const answer: unknown = await response.json();
    // Without saying what is wrong with it: the answer may hold the token.
    if (!Value.Check(Answer, answer)) throw new ImapError('login', `the token endpoint ${host} gave no token`);
    return answer.access_token;
  } catch (error) {
    if (error instanceof ImapError) throw error;
    throw new ImapError('login', `the token endpoint ${host} cannot be asked`, error);
  }
}

async function secretIn(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new ImapError('login', `the secret in ${path} cannot be read`, error);
  }
}
