import pg from 'pg';
import type { SocketConnection } from './connection.ts';
import { errnoOf } from './errors.ts';

const connectTimeoutMs = 2_000;
const queryTimeoutMs = 30_000; // Creating the database writes some megabytes.

/** SQLSTATEs (PostgreSQL appendix A). */
const invalidCatalogName = '3D000';
const duplicateDatabase = '42P04';
/** 57P: starting up, in recovery, shutting down; 53: all connections taken. */
const notYet = /^(57P|53)/;
const unreachable = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/**
 * True when the server answers a query; false when it may do so later. Creates the database when it is missing.
 * A connection is asked rather than the server's messages, which are worded for people. Other errors are thrown.
 */
export async function tryConnection(connection: SocketConnection): Promise<boolean> {
  try {
    await ask(connection, 'select 1');
    return true;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) {
      if (
        error instanceof Error &&
        (unreachable.includes(errnoOf(error)) || /timeout|terminated/i.test(error.message))
      ) {
        return false;
      }
      throw error;
    }
    if (error.code === invalidCatalogName) return createDatabase(connection);
    if (notYet.test(error.code ?? '')) return false;
    throw error;
  }
}

async function createDatabase(connection: SocketConnection): Promise<boolean> {
  try {
    await ask({ ...connection, database: 'postgres' }, `create database ${pg.escapeIdentifier(connection.database)}`);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== duplicateDatabase) throw error;
  }
  return true;
}

async function ask(connection: SocketConnection, statement: string): Promise<void> {
  const client = new pg.Client({
    ...connection,
    ssl: false,
    application_name: 'deskledger postgres-child',
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
  });
  client.on('error', () => undefined); // Also rejects the call in hand, which is where it is handled.
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end().catch(() => undefined); // What matters is known by now.
  }
}
