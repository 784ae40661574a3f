import { type Consumer, headers, type JsMsg, type NatsConnection, NatsError } from 'nats';
import { consumerSpec } from '#contracts/bus.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import type { Logger } from '#packages/kernel/logging.ts';
import { backoffMs, retry, sleep, withTimeout } from '#packages/kernel/retry.ts';
import type { ConsumerSpec } from '../port.ts';
import type { Source } from '../serve-once.ts';
import { type Arrival, createArrivals } from './arrivals.ts';
import type { NatsGrave } from './dead-letters.ts';
import { type Envelope, readEnvelope } from './message.ts';

/** One request for messages; a silent server or connection is noticed when it should have ended. */
const fetchMs = 5_000;
const lateMs = 2_000;
const answerMs = 2_000;
const lookMs = 50;
const driftMs = 10_000;
const backoff = { minMs: 100, maxMs: 5_000 };

type Feed = Parameters<Source['feed']>[0];

/**
 * Takes the events of a durable pull consumer. A failing event is tried again in place and reported as in progress
 * meanwhile, not given back: the broker would deliver its successors in the stream before it. What is not done when the
 * consumer stops is given back at once; what a killed process held comes again after the ack wait.
 */
export function natsSource(options: {
  connection: NatsConnection;
  consumer: Consumer;
  spec: ConsumerSpec;
  grave: NatsGrave;
  read: (envelope: Envelope, body: Uint8Array) => Promise<StoredEvent>;
  /** Compares streams and consumer with their declarations. Rejects with BusDriftError. */
  check: () => Promise<void>;
  log: Logger;
}): Source {
  const { check, connection, consumer, grave, log, read, spec } = options;
  const wanted: ReadonlySet<string> = new Set(spec.types);
  let arrivals = createArrivals(0n);
  const settingAside = new Set<number>();

  /** Waits for the broker to note it: what it has not noted comes again. */
  const confirm = async (message: JsMsg, verdict: '+ACK' | '+TERM', signal: AbortSignal): Promise<void> => {
    // The client's own ackAck() can be called only once, and there is nothing like it for term().
    const { reply } = message as JsMsg & { readonly reply: string };
    for (let attempt = 1; ; attempt += 1) {
      try {
        await connection.request(reply, verdict, { timeout: answerMs });
        return;
      } catch (error) {
        if (!(error instanceof NatsError)) throw error;
        log.warn({ err: error, attempt }, 'NATS has not confirmed that an event is done');
        await sleep(backoffMs(attempt, backoff), signal);
        if (signal.aborted || connection.isClosed()) return;
      }
    }
  };

  const handle = async (arrival: Arrival, { deliver, signal }: Feed): Promise<boolean> => {
    const reading = () => read(arrival.envelope, arrival.message.data);
    const whileAway = { attempts: Number.POSITIVE_INFINITY, ...backoff, retryable: isTransient, signal };
    let unread: { error: unknown } | undefined;
    const event = retry(reading, whileAway).catch((error: unknown) => {
      unread = { error };
      return null;
    });
    let outcome = await deliver(event);
    if (unread && signal.aborted)
      log.warn({ err: unread.error, ...arrival.envelope }, 'event not read before the stop');
    else if (unread && (await keepCorrupt(arrival.message, unread.error, signal))) outcome = 'buried';
    if (outcome === 'stopped') return false;
    arrivals.finish(arrival);
    await confirm(arrival.message, outcome === 'handled' ? '+ACK' : '+TERM', signal);
    arrivals.forget(arrival);
    return true;
  };

  /** Keeps a message without an event to it for an operator; false when the stop came first. */
  const keepCorrupt = async (message: JsMsg, error: unknown, signal: AbortSignal): Promise<boolean> => {
    const sequence = message.info.streamSequence;
    log.error({ err: error, sequence }, 'corrupt message on the bus, kept as a dead letter');
    const fields = message.headers ?? headers();
    const keeping = () => grave.keep(`message-${sequence}`, { headers: fields, body: message.data }, 1, error);
    const whileAway = { attempts: Number.POSITIVE_INFINITY, ...backoff, retryable: () => !signal.aborted, signal };
    try {
      await retry(keeping, whileAway);
      return true;
    } catch (cause) {
      log.warn({ err: cause, sequence }, 'corrupt message not kept before the stop; it will come again');
      return false;
    }
  };

  /** A message that nobody can place in the log. */
  const setAside = async (message: JsMsg, error: TypeError, signal: AbortSignal): Promise<void> => {
    const sequence = message.info.streamSequence;
    if (settingAside.has(sequence)) return;
    settingAside.add(sequence);
    if (await keepCorrupt(message, error, signal)) await confirm(message, '+TERM', signal);
    settingAside.delete(sequence);
  };

  const accept = (message: JsMsg, feed: Feed): void => {
    try {
      if (!arrivals.take(message, readEnvelope(message.headers))) message.ack();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      void setAside(message, error, feed.signal);
    }
  };

  let highest = 0n;
  const dispatch = (feed: Feed): void => {
    for (const arrival of arrivals.inOrder()) {
      const { position, stream, type } = arrival.envelope;
      // A late one cannot be counted as progress any more, but is handled all the same.
      const counts = position > highest;
      if (counts) highest = position;
      if (wanted.has(type))
        // There is room: the broker hands out fewer at once than lanes hold.
        void feed.lanes.push({ lane: stream, run: () => handle(arrival, feed), ...(counts && { position }) });
      else {
        if (counts) feed.lanes.scanned(position);
        arrivals.finish(arrival);
        arrival.message.ack();
        arrivals.forget(arrival);
      }
    }
  };

  const take = async (feed: Feed): Promise<void> => {
    while (!feed.signal.aborted) {
      const messages = await consumer.fetch({ max_messages: consumerSpec.maxAckPending, expires: fetchMs });
      const end = () => messages.stop();
      const late = setTimeout(end, fetchMs + lateMs);
      feed.signal.addEventListener('abort', end, { once: true });
      if (feed.signal.aborted) end();
      try {
        for await (const message of messages) {
          accept(message, feed);
          dispatch(feed);
        }
      } finally {
        clearTimeout(late);
        feed.signal.removeEventListener('abort', end);
      }
    }
  };

  const complete = async (feed: Feed): Promise<void> => {
    while (!feed.signal.aborted) {
      if (!arrivals.isComplete()) {
        const certain = arrivals.certain();
        const { delivered, num_ack_pending: pending } = await consumer.info();
        if (pending <= certain) arrivals.completeUpTo(delivered.consumer_seq);
        dispatch(feed);
      }
      await sleep(lookMs, feed.signal);
    }
  };

  const watchDrift = async ({ signal }: Feed): Promise<void> => {
    let said = '';
    while (!signal.aborted) {
      await sleep(driftMs, signal);
      if (signal.aborted) return;
      try {
        await check();
        said = '';
      } catch (error) {
        if (!(error instanceof NatsError)) throw error;
        // A cluster that has no leader for stream or consumer takes requests and says nothing.
        if (error.message !== said)
          log.warn({ err: error }, 'NATS does not tell how stream and consumer are; events wait');
        said = error.message;
      }
    }
  };

  const reportWork = async ({ signal }: Feed): Promise<void> => {
    while (!signal.aborted) {
      await sleep(consumerSpec.ackWaitMs / 4, signal);
      if (!connection.isClosed()) for (const { message } of arrivals.held()) message.working();
    }
  };

  return {
    letters: grave,
    feed: async (into) => {
      const failed = new AbortController();
      const feed = { ...into, signal: AbortSignal.any([into.signal, failed.signal]) };
      arrivals = createArrivals(into.start);
      highest = into.start;
      const parts = [take, complete, reportWork, watchDrift].map((part) => part(feed));
      try {
        await Promise.all(parts);
      } finally {
        failed.abort();
        await Promise.allSettled(parts);
      }
    },
    release: async () => {
      if (connection.isClosed()) return;
      for (const { message } of arrivals.held()) message.nak();
      const late = () => new Error(`NATS has not taken back what ${spec.name} left`);
      await withTimeout(connection.flush(), answerMs, late).catch((error: unknown) =>
        log.warn({ err: error }, 'what was not done comes again after the ack wait'),
      );
    },
  };
}
