import { sleep } from '#packages/kernel/retry.ts';

export type Seen = { readonly position: bigint; readonly id: string };
type Page = { readonly events: readonly Seen[]; readonly scannedTo: bigint };

/** How a log is followed: pages from a position on, until the signal aborts. */
export type Follow = (after: bigint, options: { limit: number; signal: AbortSignal }) => AsyncIterable<Page>;

/** One life of a reader: pages it takes before it crashes, events per page, and whether it crashes before it stored the last. */
export type Life = { readonly pages: number; readonly limit: number; readonly loses: boolean };

/**
 * A reader that keeps events and its place in the log together, as a projection does in one transaction, and crashes
 * now and then: what was not kept is forgotten, and the next life goes on from the place that was. Lives its lives
 * over and over until it has kept its place at `end()`, null while that is not known.
 */
export async function readWithCrashes(
  follow: Follow,
  lives: readonly Life[],
  end: () => bigint | null,
): Promise<readonly Seen[]> {
  const kept: Seen[] = [];
  let place = 0n;
  const finished = () => {
    const last = end();
    return last !== null && place >= last;
  };
  for (let number = 0; !finished(); number += 1) {
    const life = lives[number % lives.length] ?? { pages: 1, limit: 10, loses: false };
    const crash = new AbortController();
    const watch = setInterval(() => finished() && crash.abort(), 5);
    let pages = 0;
    for await (const page of follow(place, { limit: life.limit, signal: crash.signal })) {
      pages += 1;
      const crashes = pages >= life.pages;
      if (crashes) crash.abort();
      if (crashes && life.loses && number < 2 * lives.length) continue; // Bounded, so that it always gets to the end.
      kept.push(...page.events);
      place = page.scannedTo;
    }
    clearInterval(watch);
  }
  return kept;
}

/** Follows by polling what `read` gives. */
export const polling = (read: (after: bigint, limit: number) => Promise<Page>): Follow =>
  async function* follow(after, { limit, signal }) {
    let place = after;
    while (!signal.aborted) {
      const page = await read(place, limit);
      if (page.scannedTo > place && !signal.aborted) {
        place = page.scannedTo;
        yield page;
      } else {
        await sleep(2, signal);
      }
    }
  };

/** What a reader got wrong, compared with the log as it is at the end. */
export function faults(
  log: readonly Seen[],
  seen: readonly Seen[],
): { lost: number; doubled: number; reordered: number } {
  const known = new Set(seen.map(({ id }) => id));
  return {
    lost: log.filter(({ id }) => !known.has(id)).length,
    doubled: seen.length - known.size,
    reordered: seen.filter(({ position }, index) => position <= (seen[index - 1]?.position ?? 0n)).length,
  };
}
