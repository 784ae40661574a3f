import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { clientConfig, type PostgresConnection } from '#packages/postgres/pool.ts';

export type TestDatabase = {
  readonly connection: PostgresConnection;
  /** Ends sessions that are still open and removes the database. */
  drop(): Promise<void>;
};

/** A fresh, empty database on the server of this test run; callers apply the migrations they need. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = inject('postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await run(server, `create database ${name}`);
  return {
    connection: withDatabase(server, name),
    drop: () => run(server, `drop database if exists ${name} with (force)`),
  };
}

/** The same as a URL, as DATABASE_URL takes it. */
export const urlOf = (connection: PostgresConnection): string =>
  'connectionString' in connection
    ? connection.connectionString
    : `postgres://${connection.user}@${encodeURIComponent(connection.host)}:${connection.port}/${connection.database}`;

function withDatabase(server: PostgresConnection, database: string): PostgresConnection {
  if (!('connectionString' in server)) return { ...server, database };
  const url = new URL(server.connectionString);
  url.pathname = `/${database}`;
  return { connectionString: url.href };
}

async function run(server: PostgresConnection, statement: string): Promise<void> {
  const client = new pg.Client(clientConfig({ connection: server, name: 'tests' }));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
