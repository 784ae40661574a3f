import { isIP } from 'node:net';
import { type Credentials, EventStoreDBClient } from '@eventstore/db-client';

/** The client drops them where there is no TLS; they only make it take the unary path. */
const anybody: Credentials = { username: 'desk', password: '' };

const shape = 'esdb://user:password@host:2113';

/**
 * A client for a connection string, and the user and password in it. Throws TypeError for one that can never work. No
 * message quotes the string: it holds a password.
 */
export function connectionOf(url: string): { client: EventStoreDBClient; credentials: Credentials } {
  const [, authority, query = ''] = /^esdb(?:\+discover)?:\/\/([^?]+)(\?.*)?$/.exec(url) ?? [];
  if (authority === undefined) throw new TypeError(`not an address of EventStoreDB: ${shape}`);
  const options = optionsOf(query);
  // With it the client answers a conflict like a write.
  if (options.get('throwonappendfailure') === 'false') throw new TypeError('throwOnAppendFailure=false cannot be used');
  if (options.get('tlsverifycert') === 'false')
    throw new TypeError('tlsVerifyCert=false cannot be used; name the certificate of your authority with tlsCAFile');
  // The names of options given are not told: behind a password with a question mark they are a part of it.
  if (![...options.keys()].every((name) => known.has(name)))
    throw new TypeError(`an option that is none; there are ${knownOptions.join(', ')}`);
  const secure = options.get('tls') !== 'false';
  const credentials = credentialsOf(authority) ?? (secure ? undefined : anybody);
  if (!credentials) throw new TypeError(`EventStoreDB with TLS needs user and password: ${shape}`);
  const hosts = hostsOf(authority);
  if (!hosts.every((host) => hostPattern.test(host)))
    throw new TypeError(`expected hosts as name:port, separated by commas: ${shape}`);
  const address = secure && hosts.map((host) => host.replace(/:\d+$/, '')).find((name) => isIP(name) > 0);
  // RFC 6066 has no addresses as names of servers, and Node 26 refuses what the client would send.
  if (address) throw new TypeError(`EventStoreDB with TLS needs the name of the host instead of ${address}`);
  return { client: survivingFaults(clientOf(url)), credentials };
}

/** Of any other option the client prints a warning that holds the whole string, password and all. */
const knownOptions = [
  'connectionName',
  'defaultDeadline',
  'discoveryInterval',
  'gossipTimeout',
  'keepAliveInterval',
  'keepAliveTimeout',
  'maxDiscoverAttempts',
  'nodePreference',
  'throwOnAppendFailure',
  'tls',
  'tlsCAFile',
  'tlsVerifyCert',
  'userCertFile',
  'userKeyFile',
];
const known: ReadonlySet<string> = new Set(knownOptions.map((name) => name.toLowerCase()));

/** The client reads the names of options without regard to case, `-` and `_`, and does not decode them. */
function optionsOf(query: string): ReadonlyMap<string, string> {
  const options = query.slice(1).split('&').filter(Boolean);
  return new Map(
    options.map((option) => {
      const [name = '', value = ''] = option.split('=');
      return [name.toLowerCase().replaceAll(/[_-]/g, ''), value.trim().toLowerCase()];
    }),
  );
}

function credentialsOf(authority: string): Credentials | null {
  const [, username, password] = /^([^:@]+):([^@]+)@/.exec(authority) ?? [];
  if (username === undefined || password === undefined) return null;
  try {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch (cause) {
    throw new TypeError('user and password must be percent-encoded', { cause });
  }
}

const hostPattern = /^([\w-]+(\.[\w-]+)*\.?)(:\d{1,5})?$/;

const hostsOf = (authority: string): string[] =>
  authority
    .replace(/^[^@]*@/, '')
    .replace(/\/+$/, '')
    .split(',');

function clientOf(url: string): EventStoreDBClient {
  try {
    return EventStoreDBClient.connectionString(url);
  } catch (error) {
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const [, place, expected] = /^Unexpected ".*" at position (\d+), expected (.*?)\.?$/.exec(message) ?? [];
    throw new TypeError(expected ? `expected ${expected} at character ${Number(place) + 1}` : message);
  }
}

/**
 * After a failed call the client looks at its connection, waits for it there, and nobody waits for that: a cluster that
 * cannot be found right then would end the process as an unhandled rejection. The call itself has failed already.
 */
function survivingFaults(client: EventStoreDBClient): EventStoreDBClient {
  const inner = client as unknown as { handleError: (...call: unknown[]) => Promise<void> };
  const { handleError } = inner;
  inner.handleError = (...call) => handleError(...call).catch(() => undefined); // The next call finds out the same.
  return client;
}
