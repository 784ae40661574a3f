import type { Credentials } from '@eventstore/db-client';

/** The client drops them where there is no TLS; they only make it take the unary path. */
const anybody: Credentials = { username: 'desk', password: '' };

/**
 * User and password of a connection string. Throws TypeError when a server with TLS would be asked without: it refuses
 * every append then.
 */
export function credentialsOf(url: string): Credentials {
  const [, authority, query = ''] = /^esdb(?:\+discover)?:\/\/([^?]+)(\?.*)?$/.exec(url) ?? [];
  if (authority === undefined) throw new TypeError('not an address of EventStoreDB: esdb://user:password@host:2113');
  const [, username, password] = /^([^:@]+):([^@]+)@/.exec(authority) ?? [];
  if (username !== undefined && password !== undefined)
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  if (new URLSearchParams(query).get('tls') === 'false') return anybody;
  throw new TypeError('EventStoreDB with TLS needs user and password: esdb://user:password@host:2113');
}
