import type { Logger } from '#packages/kernel/logging.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import { startPostgresChild } from '#packages/postgres-child/child.ts';
import { runningConnection } from '#packages/postgres-child/connection.ts';
import { PostgresChildError } from '#packages/postgres-child/errors.ts';
import type { DeskConfig } from './config.ts';

export type Database = {
  readonly connection: PostgresConnection;
  /** `external`: DATABASE_URL. `own`: a child of this process. `shared`: the child of a desk that runs already. */
  readonly kind: 'external' | 'own' | 'shared';
  stop(): Promise<void>;
  /** Resolves when the database is gone for good although nobody stopped it; never for one that is not ours. */
  readonly lost: Promise<void>;
};

const never = new Promise<never>(() => undefined);
const notOurs = async () => undefined;

/**
 * The database of the desk: DATABASE_URL, or the embedded one on DATA_DIR. With `share`, a command beside a running desk
 * uses that desk's database; without, a second desk on one directory is refused.
 */
export async function openDatabase(
  config: DeskConfig,
  { log, share = false, signal }: { log: Logger; share?: boolean; signal: AbortSignal },
): Promise<Database> {
  if (config.DATABASE_URL)
    return { connection: { connectionString: config.DATABASE_URL }, kind: 'external', stop: notOurs, lost: never };
  try {
    const child = await startPostgresChild({ dataDir: config.DATA_DIR, log, signal });
    const lost = child.exited.then(({ unexpected }) => (unexpected ? undefined : never));
    return { connection: child.connection, kind: 'own', stop: () => child.stop(), lost };
  } catch (error) {
    if (!share || !(error instanceof PostgresChildError) || error.reason !== 'DATA_DIR_IN_USE') throw error;
    const connection = await runningConnection(config.DATA_DIR);
    if (!connection) throw error;
    return { connection, kind: 'shared', stop: notOurs, lost: never };
  }
}
