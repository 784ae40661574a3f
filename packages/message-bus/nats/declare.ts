import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  NatsError,
  nanos,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from 'nats';
import { consumerSpec, eventStream, type StreamSpec } from '#contracts/bus.ts';

/**
 * Something on the server is not as contracts/bus.ts declares it. It is never changed or made anew by itself, as that could
 * lose messages: an operator decides. The message is one line and names every difference.
 */
export class BusDriftError extends Error {
  override readonly name = 'BusDriftError';
}

const streamConfig = (spec: StreamSpec) =>
  ({
    name: spec.name,
    subjects: [...spec.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    // A full stream refuses: dropping the oldest would lose events that a consumer has not seen.
    discard: DiscardPolicy.New,
    max_age: nanos(spec.maxAgeMs),
    max_msgs_per_subject: spec.maxMessagesPerSubject || -1,
    duplicate_window: nanos(spec.duplicateWindowMs),
  }) satisfies Partial<StreamConfig>;

const consumerConfig = (name: string) =>
  ({
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    filter_subject: consumerSpec.filterSubject,
    ack_wait: nanos(consumerSpec.ackWaitMs),
    max_ack_pending: consumerSpec.maxAckPending,
    max_deliver: consumerSpec.maxDeliver,
  }) satisfies Partial<ConsumerConfig>;

/** Makes the stream when there is none; gives its settings. Throws BusDriftError when there is another one of its name. */
export async function declareStream(jsm: JetStreamManager, spec: StreamSpec): Promise<StreamConfig> {
  return (await checkStream(jsm, spec)) ?? (await jsm.streams.add(streamConfig(spec))).config;
}

/** The settings of the stream, null when there is none. Throws BusDriftError when they are not as declared. */
export async function checkStream(jsm: JetStreamManager, spec: StreamSpec): Promise<StreamConfig | null> {
  const found = await ifThere(jsm.streams.info(spec.name));
  if (found) compare(`stream ${spec.name}`, streamConfig(spec), found.config);
  return found?.config ?? null;
}

/** Makes the durable consumer of the event stream when there is none. Throws BusDriftError. */
export async function declareConsumer(jsm: JetStreamManager, name: string): Promise<void> {
  if (!(await checkConsumer(jsm, name))) await jsm.consumers.add(eventStream.name, consumerConfig(name));
}

/** Where the durable consumer is, null when there is none. Throws BusDriftError when it is not as declared. */
export async function checkConsumer(jsm: JetStreamManager, name: string): Promise<ConsumerInfo | null> {
  const found = await ifThere(jsm.consumers.info(eventStream.name, name));
  if (found) compare(`consumer ${name} of ${eventStream.name}`, consumerConfig(name), found.config);
  return found;
}

/** What is asked for; null when the server says there is no such thing. */
export async function ifThere<T>(asking: Promise<T>): Promise<T | null> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof NatsError && error.api_error?.code === 404) return null;
    throw error;
  }
}

function compare(what: string, wanted: Readonly<Record<string, unknown>>, found: object): void {
  const has = found as Readonly<Record<string, unknown>>;
  const differences = Object.entries(wanted)
    .filter(([key, value]) => JSON.stringify(has[key] ?? null) !== JSON.stringify(value ?? null))
    .map(([key, value]) => `${key} is ${JSON.stringify(has[key])}, not ${JSON.stringify(value)}`);
  if (differences.length > 0)
    throw new BusDriftError(`${what} is not as declared: ${differences.join('; ')}. Change it there, or remove it`);
}
