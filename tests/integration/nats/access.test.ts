import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { NatsAccess } from '#packages/message-bus/nats/access.ts';
import { openNatsLink } from '#packages/message-bus/nats/link.ts';
import { keepLog } from '#tests/support/log-lines.ts';
import { natsMissing, startNats } from '#tests/support/nats.ts';
import { makeCertificates, makeNkey, makeOperator } from '#tests/support/nats-credentials.ts';

const patience = { timeout: 20_000, interval: 50 };

type Case = {
  way: string;
  /** Settings of the server; access with the wrong secret; what mends it. */
  make(dir: string): Promise<{ config: string; access: Omit<NatsAccess, 'url'>; mend: () => Promise<void> }>;
  /** What the operator reads as long as it is wrong. */
  says: RegExp;
  scheme?: 'tls' | 'nats';
};

const write = async (dir: string, name: string, text: string): Promise<string> => {
  const file = join(dir, name);
  await writeFile(file, text, { mode: 0o600 });
  return file;
};

const tls = ({ serverCert, serverKey, ca }: Awaited<ReturnType<typeof makeCertificates>>, verify: boolean) =>
  `tls { cert_file: "${serverCert}", key_file: "${serverKey}", ca_file: "${ca}", verify: ${verify} }`;

const cases: readonly Case[] = [
  {
    way: 'a token',
    says: /Authorization Violation/i,
    async make(dir) {
      const tokenFile = await write(dir, 'token', 'wrong\n');
      return {
        config: 'authorization { token: "s3cret" }',
        access: { tokenFile },
        mend: async () => void (await write(dir, 'token', 's3cret\n')),
      };
    },
  },
  {
    way: 'an NKEY',
    says: /Authorization Violation/i,
    async make(dir) {
      const key = makeNkey();
      const nkeyFile = await write(dir, 'nkey', makeNkey().seed);
      return {
        config: `authorization { users: [{ nkey: ${key.publicKey} }] }`,
        access: { nkeyFile },
        mend: async () => void (await write(dir, 'nkey', `${key.seed}\n`)),
      };
    },
  },
  {
    way: 'a file of credentials (JWT)',
    says: /Authorization Violation/i,
    async make(dir) {
      const operator = makeOperator();
      const credsFile = await write(dir, 'user.creds', operator.credentials({ signed: false }));
      return {
        config: operator.config,
        access: { credsFile },
        mend: async () => void (await write(dir, 'user.creds', operator.credentials())),
      };
    },
  },
  {
    way: 'TLS, with an authority of its own',
    scheme: 'tls',
    says: /certificate/i,
    async make(dir) {
      const [right, wrong] = [await makeCertificates(dir, 'right'), await makeCertificates(dir, 'wrong')];
      const tlsCaFile = await write(dir, 'trusted.pem', await readFile(wrong.ca, 'utf8'));
      return {
        config: tls(right, false),
        access: { tlsCaFile },
        mend: async () => void (await write(dir, 'trusted.pem', await readFile(right.ca, 'utf8'))),
      };
    },
  },
  {
    way: 'TLS with a certificate of the client',
    scheme: 'tls',
    // In TLS 1.3 the server refuses after the client believes that all is well, and the client then only waits.
    says: /TIMEOUT|certificate|ECONNRESET/i,
    async make(dir) {
      const [right, wrong] = [await makeCertificates(dir, 'right'), await makeCertificates(dir, 'wrong')];
      const use = async ({ clientCert, clientKey }: typeof right) => ({
        tlsCertFile: await write(dir, 'client.pem', await readFile(clientCert, 'utf8')),
        tlsKeyFile: await write(dir, 'client-key.pem', await readFile(clientKey, 'utf8')),
      });
      return {
        config: tls(right, true),
        access: { tlsCaFile: right.ca, ...(await use(wrong)) },
        mend: async () => void (await use(right)),
      };
    },
  },
  {
    way: 'a file that is not there yet',
    says: /ENOENT.*token/,
    async make(dir) {
      const tokenFile = join(dir, 'token');
      return {
        config: 'authorization { token: "s3cret" }',
        access: { tokenFile },
        mend: async () => void (await write(dir, 'token', 's3cret')),
      };
    },
  },
];

describe.skipIf(natsMissing())('a way into NATS', () => {
  test.each(cases)('$way: a wrong one is said once and tried on, a mended one works without a restart', async (one) => {
    const dir = await mkdtemp(join(tmpdir(), 'deskledger-nats-access-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const { access, config, mend } = await one.make(dir);
    const nats = await startNats(['-c', await write(dir, 'nats.conf', config)]);
    onTestFinished(() => nats.stop());
    const { lines, log } = keepLog();
    const link = openNatsLink({ access: { ...access, url: `${one.scheme ?? 'nats'}://127.0.0.1:${nats.port}` }, log });
    onTestFinished(() => link.close());

    const errors = () => lines.filter(({ level }) => level >= 50);
    await vi.waitFor(() => expect(errors()).toHaveLength(1), patience);
    expect(errors()[0]?.err?.message).toMatch(one.says);
    expect(link.status()).toMatch(one.says);
    // Tried again some times, and not said again.
    await new Promise((done) => setTimeout(done, 1_500));
    expect(errors()).toHaveLength(1);

    await mend();
    const connection = await link.ready(AbortSignal.timeout(20_000));
    expect(link.status()).toMatch(/^connected to /);
    // Let in, and not only connected.
    expect((await connection.jetstreamManager()).streams).toBeDefined();
    const secrets = lines.filter((line) => /s3cret|SEED|SU[A-Z2-7]{40}/.test(JSON.stringify(line)));
    expect(secrets).toEqual([]);
  });

  test('credentials that are withdrawn while the desk runs, and given back', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'deskledger-nats-access-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const settings = (token: string) => write(dir, 'nats.conf', `authorization { token: "${token}" }`);
    const nats = await startNats(['-c', await settings('first')]);
    onTestFinished(() => nats.stop());
    const tokenFile = await write(dir, 'token', 'first');
    const { lines, log } = keepLog();
    const link = openNatsLink({ access: { url: nats.url, tokenFile }, log });
    onTestFinished(() => link.close());
    await link.ready(AbortSignal.timeout(20_000));

    await nats.kill();
    await settings('second');
    await nats.start();
    await vi.waitFor(() => expect(link.status()).toMatch(/Authorization Violation/i), patience);
    await write(dir, 'token', 'second');
    await vi.waitFor(() => expect(link.status()).toMatch(/^connected to /), patience);
    expect(lines.filter(({ level }) => level >= 50).length).toBeLessThan(5);
  });
});
