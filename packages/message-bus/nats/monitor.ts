import { type ConsumerInfo, type JetStreamManager, NatsError } from 'nats';
import type pg from 'pg';
import { deadLetterStream, deadLetterSubject, eventStream } from '#contracts/bus.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { type BusMonitor, readPlaces, relayName } from '../monitor.ts';
import { BusDriftError, checkConsumer, checkStream, ifThere } from './declare.ts';
import type { NatsLink } from './link.ts';
import { lastEvent } from './publisher.ts';

/** The monitor of the bus over NATS: asks the server, which knows what was handed out and not acknowledged. */
export function createNatsMonitor(deps: {
  readonly link: Pick<NatsLink, 'connected' | 'soon' | 'status'>;
  readonly pool: pg.Pool;
  readonly store: Pick<EventStore, 'head'>;
}): BusMonitor {
  const { link } = deps;
  return {
    connection: () => ({ connected: link.connected(), detail: link.status() }),
    report: async () => {
      const places = await readPlaces(deps);
      const head = await deps.store.head();
      const relayLag = places.get(relayName) ?? Number(head);
      places.delete(relayName);
      // The client would wait for the end of its time.
      if (!link.connected()) throw new AppError('STORE_UNAVAILABLE', { detail: 'The message bus cannot be reached.' });
      try {
        const jsm = await (await link.soon()).jetstreamManager();
        const infos = await consumersOf(jsm, [...places.keys()]);
        const counts = await letterCounts(jsm);
        const last = infos.length > 0 ? await lastEvent(jsm, eventStream.name) : null;
        return {
          consumers: infos.map((info) => ({
            name: info.name,
            pending: info.num_pending,
            inHand: info.num_ack_pending,
            redelivered: info.num_redelivered,
          })),
          deadLetters: new Map([...places.keys(), ...counts.keys()].map((name) => [name, counts.get(name) ?? 0])),
          // The stream knows better than the place of the relay, which stays while a new stream is filled.
          relayLag: last ? Math.max(0, Number(head - last.position)) : relayLag,
          drift: await driftOf(jsm, [...places.keys()]),
        };
      } catch (error) {
        throw error instanceof NatsError ? new AppError('STORE_UNAVAILABLE', { cause: error }) : error;
      }
    },
  };
}

/** By name rather than by a list, which also holds those of others: a user of NATS needs no right to that. */
async function consumersOf(jsm: JetStreamManager, names: readonly string[]): Promise<readonly ConsumerInfo[]> {
  const found = await Promise.all(names.map((name) => ifThere(jsm.consumers.info(eventStream.name, name))));
  return found.filter((info) => info !== null);
}

async function letterCounts(jsm: JetStreamManager): Promise<ReadonlyMap<string, number>> {
  const filter = { subjects_filter: deadLetterSubject('*', '*') };
  const found = await ifThere(jsm.streams.info(deadLetterStream.name, filter));
  const counts = new Map<string, number>();
  for (const subject of Object.keys(found?.state.subjects ?? {})) {
    const consumer = subject.split('.')[1] ?? '';
    counts.set(consumer, (counts.get(consumer) ?? 0) + 1);
  }
  return counts;
}

async function driftOf(jsm: JetStreamManager, consumers: readonly string[]): Promise<readonly string[]> {
  const checks = [
    () => checkStream(jsm, eventStream),
    () => checkStream(jsm, deadLetterStream),
    ...consumers.map((name) => () => checkConsumer(jsm, name)),
  ];
  const drift: string[] = [];
  for (const check of checks)
    try {
      await check();
    } catch (error) {
      if (!(error instanceof BusDriftError)) throw error;
      drift.push(error.message);
    }
  return drift;
}
