import { readFile } from 'node:fs/promises';
import { type ConnectionOptions, credsAuthenticator, nkeyAuthenticator } from 'nats';

/** Where NATS is and how to get in; secrets are named by their files, so that they show in no environment. */
export type NatsAccess = {
  /** One or more `nats://` or `tls://` addresses, separated by commas. */
  readonly url: string;
  /** `.creds` file of a user (JWT and NKEY seed). */
  readonly credsFile?: string;
  /** File with an NKEY seed. */
  readonly nkeyFile?: string;
  readonly tokenFile?: string;
  /** PEM file of the authorities to trust instead of the system's. */
  readonly tlsCaFile?: string;
  /** PEM files that prove who we are, both or none. */
  readonly tlsCertFile?: string;
  readonly tlsKeyFile?: string;
};

/** What the client is told. A user, password or token in the address counts too. Rejects when a file cannot be read. */
export async function readAccess(access: NatsAccess): Promise<ConnectionOptions> {
  const urls = access.url.split(',').map((text) => new URL(text.trim()));
  const [first] = urls;
  const secure = urls.some(({ protocol }) => protocol === 'tls:') || Boolean(access.tlsCaFile ?? access.tlsCertFile);
  return {
    servers: urls.map(({ host }) => host),
    ...(first?.password
      ? { user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) }
      : first?.username && { token: decodeURIComponent(first.username) }),
    ...(access.tokenFile && { token: (await readFile(access.tokenFile, 'utf8')).trim() }),
    ...(access.credsFile && { authenticator: credsAuthenticator(await readFile(access.credsFile)) }),
    ...(access.nkeyFile && { authenticator: nkeyAuthenticator(await seedIn(access.nkeyFile)) }),
    ...(secure && {
      tls: {
        ...(access.tlsCaFile && { ca: await readFile(access.tlsCaFile, 'utf8') }),
        ...(access.tlsCertFile && { cert: await readFile(access.tlsCertFile, 'utf8') }),
        ...(access.tlsKeyFile && { key: await readFile(access.tlsKeyFile, 'utf8') }),
      },
    }),
  };
}

const seedIn = async (file: string) => new TextEncoder().encode((await readFile(file, 'utf8')).trim());
