import { beforeEach, describe, expect, test } from 'vitest';
import { streams } from '#contracts/events/streams.ts';
import type { EventStore, LogFilter, Position, StoredEvent } from '#packages/event-store/port.ts';
import { newId } from '#packages/kernel/ids.ts';
import { notes, settingSaved } from '#tests/support/log-events.ts';
import { ids, type LogContext } from './context.ts';

export function describeSubscribe(context: LogContext): void {
  let store: EventStore;
  let other: EventStore;
  let stream: string;
  beforeEach(() => {
    ({ store, other, stream } = context);
  });

  describe('subscribe', () => {
    /** Follows the log until `enough` says so; gives what came. */
    const follow = async (
      after: Position,
      enough: (events: readonly StoredEvent[], scannedTo: Position) => boolean,
      { from = store, ...options }: LogFilter & { limit?: number; from?: EventStore } = {},
    ) => {
      const stopping = new AbortController();
      const events: StoredEvent[] = [];
      let position = after;
      for await (const page of from.subscribe(after, { ...options, signal: stopping.signal })) {
        expect(page.scannedTo).toBeGreaterThan(position);
        expect(page.events.length).toBeLessThanOrEqual(options.limit ?? 1000);
        position = page.scannedTo;
        events.push(...page.events);
        if (enough(events, position)) stopping.abort();
      }
      return events;
    };
    const count = (wanted: number) => (events: readonly StoredEvent[]) => events.length >= wanted;

    test('from the start gives the whole log, from a position what follows', async () => {
      await store.append(stream, 0, notes(5));
      const head = await store.head();
      const all = await follow(0n, (_, scannedTo) => scannedTo >= head, { limit: 7 });
      expect(all.length).toBeGreaterThanOrEqual(5);
      expect(all.at(-1)?.position).toBe(head);
      const middle = all.at(-3)?.position ?? 0n;
      expect(await follow(middle, count(2))).toEqual(all.slice(-2));
    });

    test('gives events that are appended later, by whomever', async () => {
      const followed = follow(await store.head(), count(6));
      const [first, second, third] = [notes(2), notes(2), notes(2)];
      await store.append(stream, 0, first);
      await other.append(stream, 2, second);
      await store.append(stream, 4, third);
      expect(ids(await followed)).toEqual(ids([...first, ...second, ...third]));
    });

    test('catches up in pages while the log grows, without a gap or a repeat', async () => {
      const start = await store.head();
      await store.append(stream, 0, notes(50));
      const followed = follow(start, count(100), { limit: 8 });
      for (let version = 50; version < 100; version += 5) await other.append(stream, version, notes(5));
      expect((await followed).map(({ version }) => version)).toEqual(
        Array.from({ length: 100 }, (_, index) => index + 1),
      );
    });

    test('gives what is there in pages, not one event at a time', async () => {
      const start = await store.head();
      await store.append(stream, 0, notes(400));
      let pages = 0;
      const all = count(400);
      await follow(start, (events) => {
        pages += 1;
        return all(events);
      });
      expect(pages).toBeLessThanOrEqual(100);
    });

    test('with a filter moves on past what does not match', async () => {
      const start = await store.head();
      const setting = streams.setting('calendar', newId());
      const wanted = [settingSaved(), settingSaved()];
      const followed = follow(start, count(2), { streamPrefixes: ['setting-'] });
      const moved = follow(start, (_, scannedTo) => scannedTo > start, { types: ['CompanyRegistered'] });
      await store.append(stream, 0, notes(3));
      await store.append(setting, 0, wanted.slice(0, 1));
      await store.append(stream, 3, notes(3));
      await store.append(setting, 1, wanted.slice(1));
      expect(ids(await followed)).toEqual(ids(wanted));
      expect(await moved).toEqual([]);
    });

    test('gives every follower everything', async () => {
      const start = await store.head();
      const followers = [store, store, other].map((from) => follow(start, count(3), { from }));
      const events = notes(3);
      await store.append(stream, 0, events);
      for (const follower of followers) expect(ids(await follower)).toEqual(ids(events));
    });

    test('ends when the signal aborts: before it starts, while it waits, between pages', async () => {
      const head = await store.head();
      expect(await Array.fromAsync(store.subscribe(0n, { signal: AbortSignal.abort() }))).toEqual([]);
      expect(await Array.fromAsync(store.subscribe(head, { signal: AbortSignal.timeout(50) }))).toEqual([]);
      await store.append(stream, 0, notes(3));
      expect(await follow(head, count(1), { limit: 1 })).toHaveLength(1);
    });
  });
}
