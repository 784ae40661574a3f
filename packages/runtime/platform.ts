import { join } from 'node:path';
import type { Logger } from 'pino';
import { createFileBlobStore } from '#packages/blob-store/files.ts';
import { createAgentCommands } from '#packages/commands/agents.ts';
import { createArticleCommands } from '#packages/commands/articles.ts';
import { createBulkCommands } from '#packages/commands/bulk.ts';
import { createCallCommands } from '#packages/commands/calls.ts';
import { createDirectoryCommands } from '#packages/commands/directory.ts';
import { createDirectoryFacts } from '#packages/commands/directory-facts.ts';
import { createGroupCommands } from '#packages/commands/groups.ts';
import { createMacroCommands } from '#packages/commands/macros.ts';
import { createRelationCommands } from '#packages/commands/relations/relations.ts';
import { createSettingCommands } from '#packages/commands/settings.ts';
import { openTicketNumbers } from '#packages/commands/ticket-numbers.ts';
import { createTicketCommands } from '#packages/commands/tickets.ts';
import { createCommandHandler } from '#packages/event-store/handle-command.ts';
import { type Clock, systemClock } from '#packages/kernel/clock.ts';
import { createLifecycle } from '#packages/kernel/lifecycle.ts';
import { createDeadLetters } from '#packages/message-bus/dead-letters.ts';
import { createLogBus } from '#packages/message-bus/log-follower.ts';
import { migrateMessageBus } from '#packages/message-bus/migrate.ts';
import { createLogMonitor } from '#packages/message-bus/monitor.ts';
import type { NatsAccess } from '#packages/message-bus/nats/access.ts';
import { openNats } from '#packages/message-bus/nats/open.ts';
import { createPool, type PostgresConnection } from '#packages/postgres/pool.ts';
import { openPresence } from '#packages/presence/presence.ts';
import { createProjectionWatch } from '#packages/projector/watch.ts';
import { createReadDb } from '#packages/read-db/database.ts';
import { createFindCallers } from '#packages/read-db/find-callers.ts';
import { createKnownNames } from '#packages/read-db/known-names.ts';
import { migrateReadDb } from '#packages/read-db/migrate.ts';
import { openReplyDrafts } from '#packages/reply-drafts/reply-drafts.ts';
import { followSettings } from '#packages/settings/settings.ts';
import { type LogAddress, openEventLog } from './event-log.ts';

/** Time a part of the platform may take to end. */
const stopTimeoutMs = 5_000;

/**
 * Opens what every service stands on: the event log, the bus, the read models, files and the write side. This is the
 * one place where adapters are chosen; what gets the result cannot tell which they are.
 */
export async function openPlatform(options: {
  connection: PostgresConnection;
  /** EventStoreDB for the event log; without it the log is in PostgreSQL. */
  eventStoreUrl: string | undefined;
  dataDir: string;
  /** With it messages go over NATS, otherwise every consumer follows the log. */
  nats?: NatsAccess | undefined;
  /** Most connections to the database for reading and for what is no event. Default 20, for a whole desk. */
  poolSize?: number;
  /** Names of the read models that read-your-writes waits for. */
  projections: readonly string[];
  log: Logger;
  clock?: Clock;
}) {
  const {
    clock = systemClock,
    connection,
    dataDir,
    eventStoreUrl,
    log,
    nats: access,
    poolSize = 20,
    projections,
  } = options;
  const logAddress: LogAddress = { connection, eventStoreUrl };
  const lifecycle = createLifecycle({ log, stopTimeoutMs });
  try {
    const pool = lifecycle.add('pool', createPool({ connection, log, name: 'desk', max: poolSize }), (it) => it.end());
    await migrateReadDb(pool);
    await migrateMessageBus(pool);
    const store = lifecycle.add('event store', await openEventLog(logAddress, { log, pool }), (it) => it.close());
    const nats = access
      ? lifecycle.add('nats', openNats({ access, connection, pool, store, log }), (it) => it.close())
      : null;
    const bus = nats?.bus ?? createLogBus({ connection, pool, store, log });
    const watch = lifecycle.add('projection watch', createProjectionWatch({ pool, names: projections, log }), (it) =>
      it.close(),
    );
    const blobs = await createFileBlobStore({ dir: join(dataDir, 'blobs') });
    const settings = lifecycle.add('settings', await followSettings({ store, log }), (it) => it.stop());
    const numbers = await openTicketNumbers({ pool, store });
    const presence = await openPresence(pool);
    const drafts = await openReplyDrafts(pool);
    const handle = createCommandHandler({ store, clock, log });
    const directoryFacts = createDirectoryFacts({ store });
    const tickets = createTicketCommands({ handle, settings, numbers, store, directory: directoryFacts });
    const macros = createMacroCommands({ store, settings, tickets });
    const readDb = createReadDb(pool);
    const directory = createDirectoryCommands({
      handle,
      directory: directoryFacts,
      store,
      known: createKnownNames(readDb),
    });
    const findCallers = createFindCallers({ db: readDb, store, watch });
    return {
      clock,
      log,
      connection,
      logAddress,
      pool,
      store,
      bus,
      deadLetters: nats?.deadLetters ?? createDeadLetters({ pool }),
      /** What operators are told about the bus. */
      monitor: nats?.monitor ?? createLogMonitor({ pool, store }),
      /** Where the relay publishes to; null without a broker. */
      publisher: nats?.publisher ?? null,
      watch,
      blobs,
      presence,
      drafts,
      settings,
      handle,
      directoryFacts,
      readDb,
      commands: {
        tickets,
        macros,
        calls: createCallCommands({ store, directory, tickets, findCallers }),
        bulk: createBulkCommands({ handle, store, tickets, macros, log }),
        agents: createAgentCommands({ handle, settings, store, clock, directory: directoryFacts }),
        groups: createGroupCommands({ handle, directory: directoryFacts }),
        articles: createArticleCommands({ handle, settings }),
        relations: createRelationCommands({ store, tickets, numbers }),
        directory,
        settings: createSettingCommands({ handle, settings }),
      },
      close: () => lifecycle.stop(),
    };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

export type Platform = Awaited<ReturnType<typeof openPlatform>>;
