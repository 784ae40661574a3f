import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Why tests that need a certificate cannot run here; null when they can. With CI=true that is a failure. */
export function opensslMissing(): string | null {
  try {
    execFileSync('openssl', ['version']);
    return null;
  } catch (error) {
    if (process.env['CI'] === 'true') throw new Error('CI runs need openssl (tests/support/install-servers.sh)');
    const reason = `skipped: openssl does not run here (${error instanceof Error ? error.message : String(error)})`;
    console.warn(reason);
    return reason;
  }
}

/** A certificate for this machine's loopback that nobody vouches for but itself, in files of `dir`, key beside it. */
export function makeCertificate(dir: string, names = 'DNS:localhost,IP:127.0.0.1') {
  const files = { key: join(dir, 'key.pem'), cert: join(dir, 'cert.pem') };
  const subject = ['-subj', '/CN=localhost', '-addext', `subjectAltName=${names}`];
  const kind = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  execFileSync('openssl', [...kind, '-keyout', files.key, '-out', files.cert, ...subject], { stdio: 'pipe' });
  return files;
}

export type Certificate = { readonly key: Buffer; readonly cert: Buffer; readonly caFile: string };

/** A certificate for localhost that is its own authority, in files below the temporary directory. */
export async function createCertificate(names = 'DNS:localhost'): Promise<Certificate & { remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-tls-'));
  const files = makeCertificate(dir, names);
  return {
    key: await readFile(files.key),
    cert: await readFile(files.cert),
    caFile: files.cert,
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** One for loopback in a directory of its own that goes with the test: paths and contents. */
export async function testCertificate(names?: string) {
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-tls-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const files = makeCertificate(dir, names);
  return { dir, files, key: await readFile(files.key, 'utf8'), cert: await readFile(files.cert, 'utf8') };
}
