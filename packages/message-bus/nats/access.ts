import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
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
    ...(secure && { tls: await readTls(access, urls) }),
  };
}

async function readTls({ tlsCaFile, tlsCertFile, tlsKeyFile }: NatsAccess, urls: readonly URL[]) {
  return {
    ...(tlsCaFile && { ca: await readFile(tlsCaFile, 'utf8') }),
    ...(tlsCertFile && { cert: await readFile(tlsCertFile, 'utf8') }),
    ...(tlsKeyFile && { key: await readFile(tlsKeyFile, 'utf8') }),
    // Goes on to Node, although the client's own type of these options does not know it.
    checkServerIdentity: identityCheck(urls.map(({ hostname }) => hostname)),
  };
}

/**
 * The client names no host for servers that are addressed by number, and Node then checks the certificate against
 * `localhost`: it has to be one of an address we were given instead.
 */
const identityCheck = (hosts: readonly string[]) => {
  const addresses = hosts.map((host) => host.replace(/^\[|\]$/g, '')).filter((host) => isIP(host) !== 0);
  return (name: string, certificate: PeerCertificate): Error | undefined => {
    if (name !== 'localhost' || hosts.includes(name)) return checkServerIdentity(name, certificate);
    const [first, ...faults] = addresses.map((address) => checkServerIdentity(address, certificate));
    return [first, ...faults].includes(undefined) ? undefined : first;
  };
};

const seedIn = async (file: string) => new TextEncoder().encode((await readFile(file, 'utf8')).trim());
