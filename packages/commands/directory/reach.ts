import { identityOf, type ReadSubject } from './subjects.ts';

/** How mail and somebody find each other. */
export type Reach = {
  /** All ids that they go by, merged ones too. */
  readonly ids: readonly string[];
  /** The one to write to first. */
  readonly addresses: readonly string[];
};

/**
 * Where somebody is written to: at their own main address, so that a mistaken merge tells nobody else; and when they have
 * none, as those who have only called, at that of who is one with them.
 */
export async function reachOf(read: ReadSubject, id: string): Promise<Reach> {
  const all = await identityOf(read, id);
  const own = all.filter((each) => each.id === id);
  const others = all.filter((each) => each.id !== id);
  return { ids: all.map((each) => each.id), addresses: [...own, ...others].flatMap(({ held }) => held) };
}
