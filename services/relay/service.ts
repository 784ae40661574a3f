import type pg from 'pg';
import { eventStream } from '#contracts/bus.ts';
import type { EventStore, LogPage, Position } from '#packages/event-store/port.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { type Checkpoint, openCheckpoint } from '#packages/message-bus/checkpoint.ts';
import { startConsumption } from '#packages/message-bus/consumption.ts';
import { migrateMessageBus } from '#packages/message-bus/migrate.ts';
import { relayName } from '#packages/message-bus/monitor.ts';
import type { EventPublisher, Publication } from '#packages/message-bus/nats/publisher.ts';
import { consumersReadiness, consumersState } from '#packages/message-bus/readiness.ts';
import { refuseForeignEvent, refuseShorterLog } from '#packages/message-bus/same-log.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import { createAckWindow } from './window.ts';

const name = relayName;
const inFlight = 64;
/** Two pages are held at once: one is sent while the next is read. */
const pageSize = 250;
const checkpointMs = 100;
/** What is under way at a stop gets this long to be acknowledged; afterwards the stream itself tells how far it got. */
const drainMs = 3_000;

export type RelayDeps = {
  readonly connection: PostgresConnection;
  readonly pool: pg.Pool;
  readonly store: Pick<EventStore, 'head' | 'readStream' | 'subscribe'>;
  readonly publisher: EventPublisher;
  readonly log: Logger;
};

/**
 * Copies the log to the bus: every event once, in order. Of several processes one works. After any failure it begins
 * again behind the last event that the stream holds, however long ago that was.
 */
export async function startRelay(deps: RelayDeps) {
  const log = deps.log.child({ service: name });
  await migrateMessageBus(deps.pool);
  const consumption = startConsumption({ connection: deps.connection, log, name }, ({ held, progress }) =>
    relayOnce({ ...deps, log, held, progress }),
  );
  return {
    stop: () => consumption.stop(),
    readiness: () => consumersReadiness([consumption]),
    status: () => ({ state: consumersState([consumption], 'running'), position: consumption.position() }),
  };
}

type Round = RelayDeps & { held: AbortSignal; progress: (position: bigint) => void };

async function relayOnce(round: Round): Promise<void> {
  const { held, log, pool, publisher, store } = round;
  const checkpoint = await openCheckpoint(pool, name);
  await refuseShorterLog(store, checkpoint.position, 'the relay');
  const publication = await publisher.begin(held);
  try {
    if (publication.last) await refuseForeignEvent(store, publication.last, `stream ${eventStream.name}`);
    const start = placeToStart(publication, checkpoint.position);
    if (start !== checkpoint.position)
      log.info({ checkpoint: checkpoint.position, start }, 'relay goes on behind the last event of the stream');
    await relayFrom(start, publication, checkpoint, round);
  } finally {
    publication.end();
  }
}

async function relayFrom(
  start: Position,
  publication: Publication,
  checkpoint: Checkpoint,
  { held, progress, store }: Round,
): Promise<void> {
  progress(start);
  const ended = new AbortController();
  const signal = AbortSignal.any([held, ended.signal]);
  const window = createAckWindow({ size: inFlight, start });

  const publish = async (): Promise<void> => {
    for await (const page of readAhead(store.subscribe(start, { signal, limit: pageSize }))) {
      for (const event of page.events) {
        if (window.isFull()) await window.room();
        if (signal.aborted) return;
        window.add(event.position, publication.publish(event));
      }
      window.skipTo(page.scannedTo);
    }
  };

  let stored = checkpoint.position;
  const storeProgress = async (): Promise<void> => {
    const reached = window.reached();
    if (reached === stored) return;
    if (!(await checkpoint.store(reached))) throw new Error('another process relays');
    stored = reached;
    progress(reached);
  };
  const keepProgress = async (): Promise<void> => {
    while (!signal.aborted) {
      await sleep(checkpointMs, signal);
      await storeProgress();
    }
  };

  const parts = [publish(), keepProgress()];
  try {
    await Promise.race([Promise.all(parts), window.failed]);
  } finally {
    ended.abort();
    await Promise.allSettled(parts);
    await window.drained(drainMs);
    await storeProgress();
  }
}

/** The same pages, of which the next is read while one is worked on. */
async function* readAhead(pages: AsyncIterable<LogPage>): AsyncGenerator<LogPage, void, undefined> {
  const iterator = pages[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (let result = await next; !result.done; result = await next) {
      next = iterator.next();
      // It is awaited in the next round, if there is one.
      next.catch(() => undefined);
      yield result.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/**
 * The stream knows best, also when it holds less than the checkpoint says (a server that lost its newest messages): the
 * events behind its last one are sent again. An emptied stream knows nothing, and a new one gets the whole log.
 */
function placeToStart({ fresh, last }: Publication, checkpoint: Position): Position {
  if (last !== null) return last.position;
  return fresh ? 0n : checkpoint;
}
