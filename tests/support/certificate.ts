import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A certificate for this machine's loopback that nobody vouches for but itself, in files of `dir`, key beside it. */
export function makeCertificate(dir: string, names = 'DNS:localhost,IP:127.0.0.1') {
  const files = { key: join(dir, 'key.pem'), cert: join(dir, 'cert.pem') };
  const subject = ['-subj', '/CN=localhost', '-addext', `subjectAltName=${names}`];
  const kind = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  const made = spawnSync('openssl', [...kind, '-keyout', files.key, '-out', files.cert, ...subject]);
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  return files;
}

/** The same in a directory of its own that goes with the test: paths and contents. */
export async function testCertificate(names?: string) {
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-certificate-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const files = makeCertificate(dir, names);
  return { dir, files, key: await readFile(files.key, 'utf8'), cert: await readFile(files.cert, 'utf8') };
}
