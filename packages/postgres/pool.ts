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
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? BigInt : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/** Settings that every connection of the desk shares, for pools and for single clients. bigint columns arrive as BigInt. */
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
  const lost = (error: Error) => options.log.warn({ err: error, pool: options.name }, 'postgres connection lost');
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
}
