import type { Logger } from '#packages/kernel/logging.ts';
import { createLogger } from '#packages/kernel/logging.ts';
import { natsAccess } from '#packages/runtime/nats-variables.ts';
import { openPlatform, type Platform } from '#packages/runtime/platform.ts';
import { projections } from '#projections/all.ts';
import type { Invocation } from './cli.ts';
import { type Database, openDatabase } from './database.ts';

/** Names of all read models. */
export const projectionNames = projections.map(({ name }) => name);

/**
 * Runs a short command on the desk's data: beside a running desk on that desk's database, otherwise on a database started
 * for the time of the command. Everything is closed afterwards, whatever happens.
 */
export async function withPlatform<T>(
  { config, signal, stderr }: Invocation,
  work: (platform: Platform, context: { log: Logger; database: Database }) => Promise<T>,
): Promise<T> {
  const log = createLogger({ name: 'desk', level: config.LOG_LEVEL, destination: stderr });
  const database = await openDatabase(config, { log, share: true, signal });
  try {
    const platform = await openPlatform({
      connection: database.connection,
      eventStoreUrl: config.EVENTSTORE_URL,
      dataDir: config.DATA_DIR,
      nats: natsAccess(config),
      projections: projectionNames,
      log,
    });
    try {
      return await work(platform, { log, database });
    } finally {
      await platform.close();
    }
  } finally {
    await database.stop();
  }
}
