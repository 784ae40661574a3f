import type { Logger } from 'pino';
import type { StoredEvent } from '#packages/event-store/port.ts';

/** What an event is about; null when that cannot be told, so that it may be about anything. */
type Keys = ReadonlySet<string> | null;
type Entry = { readonly keys: Promise<Keys>; readonly done: Promise<void> };

/**
 * Lets events be handled side by side except for those that are about the same thing: these wait for one another, in the
 * order in which they came, for as long as it takes. That two events are about the same may also show by a third one
 * between them: what joins it, in hand or just finished, has its keys as well.
 * @param keysOf may be slow or fail: then the event waits for all before it, and all behind it wait for it
 */
export function createOrder(keysOf: (event: StoredEvent) => Promise<readonly string[]>, log: Logger) {
  const inHand = new Set<Entry>();

  const ownKeys = async (arriving: Promise<StoredEvent | null>): Promise<Keys> => {
    try {
      const event = await arriving;
      return new Set(event ? await keysOf(event) : []);
    } catch (error) {
      log.warn({ err: error }, 'cannot tell what an event is about, so it waits for those before it');
      return null;
    }
  };

  /**
   * Runs `work` when everything before it that is about the same is done.
   * @param arriving the event, which may still have to be read; null when it cannot be
   */
  return async <T>(arriving: Promise<StoredEvent | null>, work: () => Promise<T>): Promise<T> => {
    const before = [...inHand];
    const joined = ownKeys(arriving).then((own) => join(own, before));
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const entry = { keys: joined.then(({ keys }) => keys), done };
    inHand.add(entry);
    try {
      const { related } = await joined;
      await Promise.all(related.map((each) => each.done));
      return await work();
    } finally {
      inHand.delete(entry);
      resolve();
    }
  };
}

export type Order = ReturnType<typeof createOrder>;

/** Those that share a key with an event, or with one that does, and the keys of all of them. */
async function join(own: Keys, before: readonly Entry[]): Promise<{ keys: Keys; related: readonly Entry[] }> {
  if (own === null) return { keys: null, related: before };
  const keys = new Set(own);
  const related = new Set<Entry>();
  const others = await Promise.all(before.map(async (entry) => ({ entry, keys: await entry.keys })));
  for (let grown = true; grown; ) {
    grown = false;
    for (const other of others) {
      if (related.has(other.entry) || (other.keys !== null && keys.isDisjointFrom(other.keys))) continue;
      related.add(other.entry);
      for (const key of other.keys ?? []) keys.add(key);
      grown = true;
    }
  }
  return { keys, related: [...related] };
}
