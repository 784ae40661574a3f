import pg from 'pg';
import type { Logger } from 'pino';

/** Where PostgreSQL is: a URL, or the parts that a unix socket needs. */
export type PostgresConnection =
  | { readonly connectionString: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly database: string;
      readonly password?: string;
    };

export type PoolOptions = {
  readonly connection: PostgresConnection;
  readonly log: Logger;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  readonly max?: number;
  /** A statement longer than this is cancelled by the server. */
  readonly statementTimeoutMs?: number;
};

const int8 = 20;
const date = 1082;
/** bigint would lose digits as a number; a calendar day would shift with the time zone of the process as a Date. */
const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  [int8, BigInt],
  [date, (text) => text],
]);
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    parsers.get(oid) ?? pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/** Settings that every connection of the desk shares, for pools and for single clients. bigint columns arrive as BigInt, date columns as text. */
export function clientConfig({ connection, name, statementTimeoutMs = 30_000 }: Omit<PoolOptions, 'log'>) {
  return {
    ...connection,
    application_name: `deskledger ${name}`,
    types,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementTimeoutMs,
    // The server's limit is the first; this one ends the wait when the server itself has gone silent.
    query_timeout: statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: 60_000,
  };
}

/** A pool whose connections may die without taking the process along (node-postgres #2386, #2439). */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({ ...clientConfig(options), max: options.max ?? 10, idleTimeoutMillis: 60_000 });
  const lost = (error: Error) => {
    // At the end of a pool its connections may still be closing when the server goes away: nothing is lost then.
    if (!pool.ending) options.log.warn({ reason: error.message, pool: options.name }, 'postgres connection lost');
  };
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
}
