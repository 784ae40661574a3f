import type { DeskEvent, EventType } from '#contracts/events/all.ts';
import type { Metadata } from '#contracts/events/envelope.ts';

/** Place in the log: opaque, ordered, unique per event. `0n` is before the first event. */
export type Position = bigint;

export type NewEvent<E extends DeskEvent = DeskEvent> = E extends DeskEvent
  ? { readonly id: string; readonly type: E['type']; readonly data: E['data']; readonly metadata: Metadata }
  : never;

export type StoredEvent<E extends DeskEvent = DeskEvent> = NewEvent<E> & {
  readonly stream: string;
  /** 1-based place in its stream. */
  readonly version: number;
  readonly position: Position;
};

export type AppendResult = {
  /** Version of the stream after the append. */
  readonly version: number;
  /** Position of the last event of the append. */
  readonly position: Position;
  /** True when the store had these events already and answered with the first outcome. */
  readonly duplicate: boolean;
};

export type LogFilter = {
  /** Only streams whose name starts with one of these. */
  readonly streamPrefixes?: readonly string[];
  readonly types?: readonly EventType[];
};

export type LogPage = {
  readonly events: readonly StoredEvent[];
  /** Everything up to and including this position has been looked at; read on from here. */
  readonly scannedTo: Position;
  /** True when the end of the log was reached. */
  readonly atEnd: boolean;
};

/**
 * The event log. Positions are gapless to readers in this sense: once a reader has seen position p, no event below p
 * will ever appear. All methods reject with AppError `STORE_UNAVAILABLE` when the log cannot be reached and `TIMEOUT`
 * when it does not answer in time (the outcome of an append is then unknown: retry with the same events).
 */
export type EventStore = {
  /**
   * Appends to one stream, all or nothing. `expectedVersion` 0 means the stream must not exist; there is no "any".
   * The same event ids with the same expected version again: the first outcome, also when the stream moved on.
   * Rejects with `VERSION_CONFLICT` (extra: `{expected, actual}`), `EVENT_TOO_LARGE`, `STORE_UNAVAILABLE`, `TIMEOUT`.
   */
  append(stream: string, expectedVersion: number, events: readonly NewEvent[]): Promise<AppendResult>;
  /** Events of one stream in order; empty for a stream that does not exist. `toVersion` is inclusive. */
  readStream(stream: string, range?: { fromVersion?: number; toVersion?: number }): Promise<readonly StoredEvent[]>;
  /** One page of the log after a position, in order. `limit` bounds the events returned (default 1000). */
  readAll(after: Position, options?: LogFilter & { limit?: number }): Promise<LogPage>;
  /**
   * Follows the log for ever: pages in order as events arrive, never empty unless scannedTo moved. Ends when the
   * signal aborts; heals broken connections by itself with bounded back-off and never throws for them.
   */
  subscribe(after: Position, options: LogFilter & { signal: AbortSignal; limit?: number }): AsyncIterable<LogPage>;
  /** Position of the newest event, 0n for an empty log. */
  head(): Promise<Position>;
  close(): Promise<void>;
};
