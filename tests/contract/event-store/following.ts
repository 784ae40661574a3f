import type { EventStore, Position, StoredEvent } from '#packages/event-store/port.ts';
import { sleep } from '#packages/kernel/retry.ts';

/** Follows a log in the background; what came so far is in `events`. */
export function following(store: EventStore, after: Position, limit = 1000) {
  const stopping = new AbortController();
  const events: StoredEvent[] = [];
  const run = async () => {
    for await (const page of store.subscribe(after, { limit, signal: stopping.signal })) events.push(...page.events);
  };
  const done = run();
  return {
    events,
    until: async (what: () => boolean) => {
      for (let waited = 0; !what(); waited += 10) {
        if (waited > 20_000) throw new Error(`waited in vain, ${events.length} events came`);
        await sleep(10);
      }
    },
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}
