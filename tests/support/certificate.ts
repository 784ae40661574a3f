import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

export type Certificate = { readonly key: Buffer; readonly cert: Buffer; readonly caFile: string };

/** A certificate for localhost that is its own authority, in files below the temporary directory. */
export async function createCertificate(): Promise<Certificate & { remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'deskledger-certificate-'));
  const [keyFile, caFile] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', keyFile, '-out', caFile];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...subject], {
    stdio: 'ignore',
  });
  return {
    key: await readFile(keyFile),
    cert: await readFile(caFile),
    caFile,
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
