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

/** The client reads the names of options without regard to case, `-` and `_`. */
function optionsOf(query: string): ReadonlyMap<string, string> {
  const options = new URLSearchParams(query);
  return new Map(
    [...options].map(([name, value]) => [name.toLowerCase().replaceAll(/[_-]/g, ''), value.toLowerCase()]),
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
