import type { Logger } from 'pino';
import type { StoredEvent } from '#packages/event-store/port.ts';

/** What an event is about; null when that cannot be told, so that it may be about anything. */
type Keys = ReadonlySet<string> | null;
type Entry = { readonly keys: Promise<Keys>; readonly done: Promise<void> };

/** Events that never stop being about the same as one in hand would hand on ever more keys. */
const maxKeys = 1_000;

/**
 * Lets events be handled side by side except for those that are about the same thing: these wait for one another, in the
 * order in which they came, for as long as it takes. That two events are about the same may also show by a third one
 * between them: what joins it, in hand or just finished, has its keys as well.
 * @param keysOf may be slow, and may fail or give null: then the event waits for all before it, and all behind it wait for
 * it. Asked again of an event that is about too much by way of others, when these are done: what they led to shows by then.
 */
export function createOrder(keysOf: (event: StoredEvent) => Promise<readonly string[] | null>, log: Logger) {
  const inHand = new Set<Entry>();

  const ownKeys = async (arriving: Promise<StoredEvent | null>): Promise<Keys> => {
    try {
      const event = await arriving;
      const keys = event ? await keysOf(event) : [];
      return keys && new Set(keys);
    } catch (error) {
      log.warn({ err: error }, 'cannot tell what an event is about, so it waits for those before it');
      return null;
    }
  };

  const find = async (arriving: Promise<StoredEvent | null>, before: readonly Entry[]): Promise<Joined> => {
    const joined = join(await ownKeys(arriving), await known(before));
    if (joined.keys === null || joined.keys.size <= maxKeys) return joined;
    await allDone(before);
    return { keys: await ownKeys(arriving), related: [] };
  };

  /**
   * Runs `work` when everything before it that is about the same is done.
   * @param arriving the event, which may still have to be read; null when it cannot be
   */
  return async <T>(arriving: Promise<StoredEvent | null>, work: () => Promise<T>): Promise<T> => {
    const before = [...inHand];
    const joined = find(arriving, before);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const entry = { keys: joined.then(({ keys }) => keys), done };
    inHand.add(entry);
    try {
      const { related } = await joined;
      await allDone(related);
      return await work();
    } finally {
      inHand.delete(entry);
      resolve();
    }
  };
}

export type Order = ReturnType<typeof createOrder>;

type Known = { readonly entry: Entry; readonly keys: Keys };
type Joined = { readonly keys: Keys; readonly related: readonly Entry[] };

const known = (entries: readonly Entry[]): Promise<Known[]> =>
  Promise.all(entries.map(async (entry) => ({ entry, keys: await entry.keys })));

const allDone = (entries: readonly Entry[]): Promise<unknown> => Promise.all(entries.map(({ done }) => done));

/** Those that share a key with an event, or with one that does, and the keys of all of them. */
function join(own: Keys, before: readonly Known[]): Joined {
  if (own === null) return { keys: null, related: before.map(({ entry }) => entry) };
  const keys = new Set(own);
  const related = new Set<Entry>();
  for (let grown = true; grown; ) {
    grown = false;
    for (const other of before) {
      if (related.has(other.entry) || (other.keys !== null && keys.isDisjointFrom(other.keys))) continue;
      related.add(other.entry);
      for (const key of other.keys ?? []) keys.add(key);
      grown = true;
    }
  }
  return { keys, related: [...related] };
}
