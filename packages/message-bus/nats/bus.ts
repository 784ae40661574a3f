import type pg from 'pg';
import { deadLetterStream, eventStream } from '#contracts/bus.ts';
import { codec } from '#packages/event-store/codec.ts';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import { startConsumption } from '../consumption.ts';
import { migrateMessageBus } from '../migrate.ts';
import { consumerDefaults, type MessageBus } from '../port.ts';
import { refuseForeignEvent } from '../same-log.ts';
import { serveOnce } from '../serve-once.ts';
import { createNatsGrave } from './dead-letters.ts';
import { BusDriftError, checkConsumer, checkStream, declareConsumer, declareStream } from './declare.ts';
import type { NatsLink } from './link.ts';
import { bodyLimit, type Envelope, readEvent } from './message.ts';
import { lastEvent } from './publisher.ts';
import { natsSource } from './source.ts';

export type NatsBusOptions = {
  readonly link: Pick<NatsLink, 'ready'>;
  /** For the leases: events of one stream keep their order only as long as one process takes them. */
  readonly connection: PostgresConnection;
  readonly pool: pg.Pool;
  /** Has the events that were too large to travel, or whose messages are damaged. */
  readonly store: Pick<EventStore, 'head' | 'readStream'>;
  readonly log: Logger;
};

/**
 * The bus over NATS JetStream: each consumer is a durable one of the event stream, which the relay fills. Its place is also
 * kept in `desk.followers`, as with the bus without a broker: what lies before it has had its effect, so that a message
 * that comes again has none, and the desk can change between the two at any time. That is its inbox; handlers are
 * idempotent by command id for what lies behind the place, so that a row per event would repeat what the log knows.
 */
export function createNatsBus(options: NatsBusOptions): MessageBus {
  const { connection, link, log, pool, store } = options;

  const readLog = async ({ id, stream, version }: Envelope): Promise<StoredEvent> => {
    const [found] = await store.readStream(stream, { fromVersion: version, toVersion: version });
    if (found?.id !== id) throw new TypeError(`the log has no event ${id} as ${version} of ${stream}`);
    return found;
  };
  const read = async (envelope: Envelope, body: Uint8Array): Promise<StoredEvent> => {
    try {
      const event = readEvent(envelope, body);
      return event ? codec.decode(event) : await readLog(envelope);
    } catch (error) {
      if (isAppError(error)) throw error;
      log.error({ err: error, ...envelope }, 'message on the bus is corrupt, its event is read from the log');
      return readLog(envelope);
    }
  };

  return {
    consume: async (given, handler) => {
      const spec = { ...consumerDefaults, ...given };
      const { name } = spec;
      const log = options.log.child({ consumer: name });
      await migrateMessageBus(pool);
      return startConsumption({ connection, log, name }, async (context) => {
        const nats = await link.ready(context.held);
        const jsm = await nats.jetstreamManager();
        await declareStream(jsm, eventStream);
        await declareConsumer(jsm, name);
        const { max_msg_size: maxMessage } = await declareStream(jsm, deadLetterStream);
        /** What is changed while the desk runs is as wrong as what is found there, and what is removed is made anew. */
        const check = async () => {
          const found = [
            await checkStream(jsm, eventStream),
            await checkConsumer(jsm, name),
            await checkStream(jsm, deadLetterStream),
          ];
          if (found.includes(null)) throw new BusDriftError('a stream of the bus or the consumer was removed');
        };
        const last = await lastEvent(jsm, eventStream.name);
        if (last) await refuseForeignEvent(store, last, `stream ${eventStream.name}`);
        const consumer = await nats.jetstream().consumers.get(eventStream.name, name);
        const maxBytes = bodyLimit(nats.info?.max_payload, maxMessage);
        const grave = createNatsGrave({ connection: nats, jsm, maxBytes }, name, read);
        const source = natsSource({ connection: nats, consumer, spec, grave, read, log, check });
        await serveOnce({ ...context, pool, store, source, log, spec, handler });
      });
    },
  };
}
