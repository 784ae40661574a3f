import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nkeys } from 'nats';
import { newId } from '#packages/kernel/ids.ts';

/** Certificates below `dir`: an authority, a server of 127.0.0.1 and a client of it; throws when openssl cannot make them. */
export async function makeCertificates(dir: string, name: string) {
  const at = (file: string) => join(dir, `${name}-${file}.pem`);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '2', '-subj', `/CN=${name}`, '-keyout', at('ca-key'), '-out', at('ca'));
  await writeFile(at('extensions'), 'subjectAltName=IP:127.0.0.1\n');
  for (const who of ['server', 'client']) {
    openssl('req', ...key, '-subj', `/CN=${who}`, '-keyout', at(`${who}-key`), '-out', at(`${who}-request`));
    const signed = ['-CA', at('ca'), '-CAkey', at('ca-key'), '-CAcreateserial', '-days', '2'];
    openssl(
      ...['x509', '-req', '-in', at(`${who}-request`), ...signed],
      ...['-extfile', at('extensions'), '-out', at(who)],
    );
  }
  return {
    ca: at('ca'),
    ...{ serverCert: at('server'), serverKey: at('server-key') },
    ...{ clientCert: at('client'), clientKey: at('client-key') },
  };
}

type KeyPair = { getPublicKey(): string; getSeed(): Uint8Array; sign(data: Uint8Array): Uint8Array };
const pair = (kind: 'Account' | 'Operator' | 'User'): KeyPair => nkeys[`create${kind}`]();
const seedOf = (key: KeyPair): string => Buffer.from(key.getSeed()).toString('ascii');
const base64 = (data: Uint8Array | string): string => Buffer.from(data).toString('base64url');

/** A new user key. */
export function makeNkey() {
  const user = pair('User');
  return { seed: seedOf(user), publicKey: user.getPublicKey() };
}

/** What `nsc` would sign (github.com/nats-io/jwt, version 2). */
function sign(by: KeyPair, subject: string, name: string, claims: object): string {
  const head = base64(JSON.stringify({ typ: 'JWT', alg: 'ed25519-nkey' }));
  const issued = Math.floor(Date.now() / 1_000);
  const body = {
    jti: newId(),
    iat: issued,
    iss: by.getPublicKey(),
    name,
    sub: subject,
    nats: { ...claims, version: 2 },
  };
  const text = `${head}.${base64(JSON.stringify(body))}`;
  return `${text}.${base64(by.sign(Buffer.from(text)))}`;
}

const unlimited = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/** An operator with an account that may use JetStream: the server's settings, and files of credentials of new users. */
export function makeOperator() {
  const [operator, account, system] = [pair('Operator'), pair('Account'), pair('Account')];
  const ids = { operator: operator.getPublicKey(), account: account.getPublicKey(), system: system.getPublicKey() };
  const jwt = sign(operator, ids.operator, 'operator', { type: 'operator', system_account: ids.system });
  const accounts = {
    [ids.account]: sign(operator, ids.account, 'desk', { type: 'account', limits: { ...unlimited, ...storage } }),
    [ids.system]: sign(operator, ids.system, 'SYS', { type: 'account', limits: unlimited }),
  };
  const preload = Object.entries(accounts).map(([id, text]) => `  ${id}: ${text}`);
  return {
    config: `operator: ${jwt}\nsystem_account: ${ids.system}\nresolver: MEMORY\nresolver_preload: {\n${preload.join('\n')}\n}\n`,
    /** The text of a `.creds` file; of a user nobody has signed with `signed: false`. */
    credentials({ signed = true } = {}): string {
      const user = pair('User');
      const by = signed ? account : pair('Account');
      const claims = { type: 'user', subs: -1, data: -1, payload: -1 };
      const text = sign(by, user.getPublicKey(), 'desk', claims);
      return `-----BEGIN NATS USER JWT-----\n${text}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seedOf(user)}\n------END USER NKEY SEED------\n`;
    },
  };
}
