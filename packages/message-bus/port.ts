import type { EventType } from '#contracts/events/all.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';

export type ConsumerSpec = {
  /** Durable name: progress is kept under it across restarts. */
  readonly name: string;
  readonly types: readonly EventType[];
  /** Events handled at once; two events of one stream never overlap and keep their order. Default 8. */
  readonly concurrency?: number;
  /** Tries of one event before it becomes a dead letter. Failures of a dependency (isTransient) do not count. Default 8. */
  readonly maxAttempts?: number;
  /**
   * What an event is about, when more than its stream counts: events that share a key are handled one after the other, in
   * the order of the log. One whose keys cannot be told is handled after all before it and before all behind it. Not asked
   * while events are handled one at a time because a process has vanished.
   */
  readonly keysOf?: (event: StoredEvent) => Promise<readonly string[]>;
};

/** With its defaults. */
export type FullConsumerSpec = ConsumerSpec & Required<Omit<ConsumerSpec, 'keysOf'>>;

export const consumerDefaults = { concurrency: 8, maxAttempts: 8 } as const;

/**
 * At least once: a handler may see an event again after a crash and must be idempotent. `attempt` is the number of this
 * try among those that count, from 1: tries that failed because a dependency was away do not.
 */
export type Handler = (event: StoredEvent, context: { attempt: number; signal: AbortSignal }) => Promise<void>;

/**
 * `standing by`: another process serves, this one takes over when that ends. `beginning`: it is this one's turn and it
 * waits for what it needs. `failing`: it broke off and begins again.
 */
export type ConsumptionState = 'serving' | 'standing by' | 'beginning' | 'failing';

export type Consumption = {
  /** Stops taking events, waits for running handlers (bounded), stores progress. Idempotent. */
  stop(): Promise<void>;
  /** Position up to which everything has been handled. */
  position(): bigint;
  state(): ConsumptionState;
};

/** Delivers the events of the log to services that react to them. */
export type MessageBus = { consume(spec: ConsumerSpec, handler: Handler): Promise<Consumption> };
