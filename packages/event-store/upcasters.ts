import type { EventType } from '#contracts/events/all.ts';

/** Turns the data of one shape of an event into the next. Pure; never throws for data of its own shape. */
export type Upcaster = (data: unknown) => unknown;

/**
 * Per event type, oldest first: the n-th lifts shape n to shape n + 1. The newest shape of a type is therefore one more
 * than it has upcasters, and what writers stamp into `metadata.schema`. Entries are only ever added.
 */
export type Upcasters = Readonly<Partial<Record<EventType, readonly Upcaster[]>>>;

export const upcasters: Upcasters = {};
