import type { EventStore } from '#packages/event-store/port.ts';

/** One event log that a suite may fill. */
export type LogUnderTest = {
  /** Another store on the same log, as another process would have it. The suite closes it. */
  connect(): EventStore;
  dispose(): Promise<void>;
};

/** What the parts of the suite share; filled before each test. */
export type LogContext = { log: LogUnderTest; store: EventStore; other: EventStore; stream: string };

export const ids = (events: readonly { id: string }[]): string[] => events.map(({ id }) => id);
