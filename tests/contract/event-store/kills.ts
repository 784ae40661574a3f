import { expect } from 'vitest';
import type { EventStore } from '#packages/event-store/port.ts';
import { isTransient } from '#packages/kernel/errors.ts';
import { retry, sleep } from '#packages/kernel/retry.ts';
import { newTicketStream, notes } from '#tests/support/log-events.ts';
import { ids } from './context.ts';
import { following } from './following.ts';

const again = { attempts: 30, minMs: 20, maxMs: 500, retryable: isTransient };

/**
 * Eight writers and a follower at work while `kills` takes the server away and brings it back. Expects that every
 * acknowledged event is there, once, in the order of its stream, and that the follower saw just what the log holds.
 * Gives the number of events.
 */
export async function expectNothingLost(store: EventStore, kills: () => Promise<void>): Promise<number> {
  const start = await store.head();
  const follower = following(store, start, 16);
  const acknowledged: string[] = [];
  const killing = new AbortController();
  const writers = Array.from({ length: 8 }, async () => {
    const stream = newTicketStream();
    for (let version = 0; version < 40 || !killing.signal.aborted; ) {
      const events = notes(1 + (version % 3));
      const result = await retry(() => store.append(stream, version, events), again);
      expect(result.version).toBe(version + events.length);
      version = result.version;
      acknowledged.push(...ids(events));
    }
  });
  await Promise.all([kills().finally(() => killing.abort()), ...writers]);
  // One more when all is well again, for a follower that sleeps over the last drop.
  const [last] = [notes(1)];
  await retry(() => store.append(newTicketStream(), 0, last), again);
  acknowledged.push(...ids(last));
  await follower.until(() => follower.events.length >= acknowledged.length);
  await sleep(100);
  await follower.stop();

  const events = [];
  for (let page = await store.readAll(start); ; page = await store.readAll(page.scannedTo)) {
    events.push(...page.events);
    if (page.atEnd) break;
  }
  const [written, seen] = [ids(events), ids(follower.events)];
  const missing = (all: readonly string[], from: readonly string[]) => all.filter((id) => !new Set(from).has(id));
  expect({
    acknowledged: acknowledged.length,
    lost: missing(acknowledged, written),
    never: missing(written, acknowledged),
    doubled: written.length - new Set(written).size,
    seen: seen.length,
    unseen: missing(written, seen),
  }).toEqual({
    acknowledged: events.length,
    lost: [],
    never: [],
    doubled: 0,
    seen: events.length,
    unseen: [],
  });
  expect(follower.events).toEqual(events);
  for (const ofStream of Map.groupBy(events, (event) => event.stream).values())
    expect(ofStream.map(({ version }) => version)).toEqual(ofStream.map((_, index) => index + 1));
  return events.length;
}
