import { readFile } from 'node:fs/promises';
import type { Role } from '#contracts/primitives.ts';
import { seed } from '#packages/commands/seed.ts';
import { createLifecycle } from '#packages/kernel/lifecycle.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { createPool } from '#packages/postgres/pool.ts';
import { createProjector } from '#packages/projector/projector.ts';
import { natsAccess } from '#packages/runtime/nats-variables.ts';
import { openPlatform } from '#packages/runtime/platform.ts';
import { deskSecret } from '#packages/runtime/secret.ts';
import { projections } from '#projections/all.ts';
import type { DeskConfig } from './config.ts';
import { openDatabase } from './database.ts';
import { startHttp } from './http.ts';
import { projectionNames } from './offline.ts';
import { startServices } from './services.ts';
import { firstAdminToken, makeToken } from './tokens.ts';

/** Longest that one part may take to stop. All together take well under a second when nothing is stuck. */
const stopTimeoutMs = 10_000;
/** Several services, one after the other. */
const servicesStopMs = 40_000;
/** PostgreSQL writes a checkpoint before it ends; its own limit is 30 s, then it is made to end. */
const databaseStopMs = 45_000;

export type Desk = {
  readonly log: Logger;
  readonly url: string;
  /** host:port of the SMTP intake. */
  readonly smtpAddress: string;
  /** Where outgoing mail goes, for people. */
  readonly outgoingMail: string;
  /** Only at the very first start of a desk. */
  readonly adminToken: string | null;
  /** A new token of a role, known to the API when it resolves. */
  token(role: Role, label: string): Promise<string>;
  /** Resolves when the desk cannot go on: its database is gone for good. */
  readonly lost: Promise<void>;
  /** Stops everything in reverse order; resolves to false when some part did not stop cleanly. */
  stop(): Promise<boolean>;
};

/**
 * Runs the whole desk in this process and resolves when it takes requests and mail. What has been started is stopped
 * again when a later part fails, and when the signal aborts the start.
 */
export async function startDesk(
  config: DeskConfig,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<Desk> {
  const lifecycle = createLifecycle({ log, stopTimeoutMs });
  try {
    const database = lifecycle.add(
      'database',
      await openDatabase(config, { log, signal }),
      (it) => it.stop(),
      databaseStopMs,
    );
    const { connection } = database;
    const platform = lifecycle.add(
      'platform',
      await openPlatform({
        connection,
        eventStoreUrl: config.EVENTSTORE_URL,
        dataDir: config.DATA_DIR,
        nats: natsAccess(config),
        projections: projectionNames,
        log,
      }),
      (it) => it.close(),
    );
    await seed(platform.commands, { mailDomain: config.MAIL_DOMAIN });

    const projectorPool = lifecycle.add(
      'projector pool',
      createPool({ connection, log, name: 'projector', max: 6 }),
      (it) => it.end(),
    );
    const projector = createProjector({ projections, pool: projectorPool, store: platform.store, log });
    await lifecycle.add('projector', projector, (it) => it.stop()).start();
    await projector.waitUntilLive(signal);
    signal.throwIfAborted();

    const secret = await deskSecret(config);
    const services = lifecycle.add(
      'services',
      await startServices(config, { platform, secret }),
      (it) => it.stop(),
      servicesStopMs,
    );
    const http = lifecycle.add(
      'http',
      await startHttp(config, { platform, projector, services, secret, version: await ownVersion() }),
      (it) => it.close(),
    );
    const address = (role: Role) => `${role}@${config.MAIL_DOMAIN}`;
    const known = async <T extends { position: bigint } | null>(made: T): Promise<T> => {
      if (made) await platform.watch.waitFor(made.position, stopTimeoutMs, ['api-tokens']);
      return made;
    };
    const first = await known(await firstAdminToken(platform, address('admin')));
    return {
      log,
      url: http.url,
      smtpAddress: services.smtpAddress,
      outgoingMail: services.outgoingMail,
      adminToken: first?.token ?? null,
      lost: database.lost,
      async token(role, label) {
        return (await known(await makeToken(platform, { role, label, email: address(role) }))).token;
      },
      stop: () => lifecycle.stop(),
    };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
