import type { EventType } from '#contracts/events/all.ts';
import type { StoredEvent } from './port.ts';
import { type Upcasters, upcasters } from './upcasters.ts';

/** What an adapter does to each event it reads. */
export type Codec = { decode(event: StoredEvent): StoredEvent };

/** Number of the newest shape of a type's data: what writers stamp into `metadata.schema`. */
export const schemaOf = (type: EventType, table: Upcasters = upcasters): number => 1 + (table[type]?.length ?? 0);

/**
 * Lifts each event to the newest shape, so that nobody past the read edge knows older ones. Types without upcasters,
 * unknown types and shapes newer than this process knows (a newer one writes beside it) pass as they are.
 */
export function createCodec(table: Upcasters): Codec {
  return {
    decode(event) {
      const steps = table[event.type];
      if (steps === undefined || event.metadata.schema > steps.length) return event;
      const data = steps
        .slice(event.metadata.schema - 1)
        .reduce((shape, upcast) => upcast(shape), event.data as unknown);
      // The upcasters of a type end in its newest shape: their fixtures are tested against its schema.
      return { ...event, data, metadata: { ...event.metadata, schema: steps.length + 1 } } as StoredEvent;
    },
  };
}

export const codec: Codec = createCodec(upcasters);

/** Gives what is stored, untouched: for the hash chain and for exports. */
export const rawCodec: Codec = { decode: (event) => event };
