import { describe, expect, test, vi } from 'vitest';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { newId } from '#packages/kernel/ids.ts';
import { sleep } from '#packages/kernel/retry.ts';
import type { Handler } from '#packages/message-bus/port.ts';
import { aGroup, type BusUnderTest, consume, named, nameOf, patience, recorder } from './bus-under-test.ts';
import { describeFailures } from './message-bus-failures.ts';

/** What every adapter of the message bus must do. `open` makes a fresh one for each test and cleans up after it. */
export function describeMessageBus(adapter: string, open: () => Promise<BusUnderTest>): void {
  describeFailures(adapter, open);

  describe(`message bus: ${adapter}`, () => {
    test('a new consumer gets every event of its types from the start of the log, old ones and new ones', async () => {
      const { append, connect } = await open();
      await append(aGroup(), named('a'), { type: 'GroupMemberAdded', data: { personId: newId() } });
      const { handler, seen } = recorder();
      await consume(connect(), handler);
      await append(aGroup(), named('b'));
      await vi.waitFor(() => expect(seen).toEqual(['a', 'b']), patience);
    });

    test('events of one stream come one after another in their order, however many are handled at once', async () => {
      const { append, connect } = await open();
      const streams = Array.from({ length: 5 }, aGroup);
      for (const stream of streams)
        await append(stream, ...Array.from({ length: 6 }, (_, n) => named(`${stream} ${n}`)));
      const seen: string[] = [];
      const busy = new Set<string>();
      const overlaps: string[] = [];
      await consume(connect(), async (event) => {
        if (busy.has(event.stream)) overlaps.push(event.stream);
        busy.add(event.stream);
        await sleep(Math.random() * 4);
        busy.delete(event.stream);
        seen.push(nameOf(event));
      });
      await vi.waitFor(() => expect(seen).toHaveLength(30), patience);
      expect(overlaps).toEqual([]);
      for (const stream of streams)
        expect(seen.filter((name) => name.startsWith(stream))).toEqual([0, 1, 2, 3, 4, 5].map((n) => `${stream} ${n}`));
    });

    test('streams are handled side by side up to the concurrency asked for, and not beyond it', async () => {
      const { append, connect } = await open();
      for (let n = 0; n < 6; n += 1) await append(aGroup(), named(String(n)));
      const together = Promise.withResolvers<void>();
      let running = 0;
      let most = 0;
      let handled = 0;
      const handler = async () => {
        running += 1;
        most = Math.max(most, running);
        if (running === 3) together.resolve();
        await together.promise;
        await sleep(5);
        running -= 1;
        handled += 1;
      };
      await consume(connect(), handler, { concurrency: 3 });
      await vi.waitFor(() => expect(handled).toBe(6), patience);
      expect(most).toBe(3);
    });

    test('events of different streams that share a key come one after another, also when the first fails for a while', async () => {
      const { append, connect } = await open();
      for (let n = 0; n < 12; n += 1) await append(aGroup(), named(`${n % 3} ${n}`));
      const seen: string[] = [];
      const failed = new Set<string>();
      const keysOf = async (event: StoredEvent) => {
        await sleep(Math.random() * 4);
        return [nameOf(event).split(' ')[0] ?? ''];
      };
      const handler: Handler = async (event) => {
        await sleep(Math.random() * 4);
        const name = nameOf(event);
        if (/^[01] [0-3]$/.test(name) && !failed.has(name)) {
          failed.add(name);
          throw new AppError('STORE_UNAVAILABLE');
        }
        seen.push(name);
      };
      await consume(connect(), handler, { keysOf });
      await vi.waitFor(() => expect(seen).toHaveLength(12), patience);
      for (const key of [0, 1, 2])
        expect(seen.filter((name) => name.startsWith(`${key} `))).toEqual([0, 3, 6, 9].map((n) => `${key} ${n + key}`));
    });

    test('after a process has vanished events come one at a time, and nobody asks before what they are about', async () => {
      const { append, connect, vanish } = await open();
      const before = recorder();
      const gone = await consume(connect(), before.handler);
      await append(aGroup(), named('before'));
      await vi.waitFor(() => expect(before.seen).toEqual(['before']), patience);
      await gone.stop();
      await vanish('clerk');
      for (let n = 0; n < 4; n += 1) await append(aGroup(), named(String(n)));
      const told: string[] = [];
      const seen: string[] = [];
      let running = 0;
      const keysOf = async (event: StoredEvent) => {
        told.push(nameOf(event));
        return [];
      };
      const handler = async (event: StoredEvent) => {
        running += 1;
        expect(running).toBe(1);
        await sleep(5);
        seen.push(nameOf(event));
        running -= 1;
      };
      const consumption = await consume(connect(), handler, { keysOf });
      await vi.waitFor(() => expect(seen).toEqual(['0', '1', '2', '3']), patience);
      expect(told).toEqual([]);
      await vi.waitFor(() => expect(consumption.position()).toBe(5n), patience);
      await append(aGroup(), named('afterwards'));
      await vi.waitFor(() => expect(told).toEqual(['afterwards']), patience);
    });

    test('a restarted consumer goes on where it was and repeats nothing it had finished in peace', async () => {
      const { append, connect } = await open();
      await append(aGroup(), named('a'), named('b'));
      const first = recorder();
      const consumption = await consume(connect(), first.handler);
      await vi.waitFor(() => expect(first.seen).toEqual(['a', 'b']), patience);
      await consumption.stop();
      await append(aGroup(), named('c'));
      const second = recorder();
      await consume(connect(), second.handler);
      await vi.waitFor(() => expect(second.seen).toEqual(['c']), patience);
    });

    test('stop() lets a running handler end, and what had not begun comes again', async () => {
      const { append, connect } = await open();
      const stream = aGroup();
      await append(stream, named('a'), named('b'));
      const begun = Promise.withResolvers<void>();
      const finish = Promise.withResolvers<void>();
      const first: string[] = [];
      const consumption = await consume(connect(), async (event) => {
        begun.resolve();
        await finish.promise;
        first.push(nameOf(event));
      });
      await begun.promise;
      const stopped = consumption.stop();
      finish.resolve();
      await stopped;
      expect(first).toEqual(['a']);
      const second = recorder();
      await consume(connect(), second.handler);
      await vi.waitFor(() => expect(second.seen).toEqual(['b']), patience);
    });

    test('what was not finished when a process broke off comes again, in order', async () => {
      const { append, connect } = await open();
      const stream = aGroup();
      await append(stream, named('a'), named('b'));
      const stuck = await consume(connect(), async (_event, { signal }) => {
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('broken off'))));
      });
      const stopping = stuck.stop();
      const { handler, seen } = recorder();
      await consume(connect(), handler);
      await stopping;
      await vi.waitFor(() => expect(seen).toEqual(['a', 'b']), patience);
    }, 20_000);

    test('a place behind the end of the log is one of another log: nothing is handled until they fit', async () => {
      const { append, connect, setPlace } = await open();
      await append(aGroup(), named('a'));
      const first = recorder();
      const consumption = await consume(connect(), first.handler);
      await vi.waitFor(() => expect(consumption.position()).toBe(1n), patience);
      await consumption.stop();
      // As after the log was restored from a backup that is older than the place.
      await setPlace('clerk', 5n);
      await append(aGroup(), named('b'));
      const { handler, seen } = recorder();
      await consume(connect(), handler);
      await sleep(1_500);
      expect(seen).toEqual([]);
      await setPlace('clerk', 1n);
      await vi.waitFor(() => expect(seen).toEqual(['b']), patience);
    });

    test('one slow stream does not hold up the others, nor does progress pass it', async () => {
      const { append, connect } = await open();
      const slow = aGroup();
      await append(slow, named('slow'));
      for (let n = 0; n < 20; n += 1) await append(aGroup(), named('quick'));
      const release = Promise.withResolvers<void>();
      const { handler, seen } = recorder();
      const consumption = await consume(
        connect(),
        async (event) => {
          if (event.stream === slow) await release.promise;
          await handler(event);
        },
        { concurrency: 2 },
      );
      await vi.waitFor(() => expect(seen).toHaveLength(20), patience);
      expect(consumption.position()).toBe(0n);
      release.resolve();
      await vi.waitFor(() => expect(consumption.position()).toBe(21n), patience);
    });

    test('of two processes one consumes and the other takes over when it stops', async () => {
      const { append, connect } = await open();
      const first = recorder();
      const second = recorder();
      const active = await consume(connect(), first.handler);
      await append(aGroup(), named('a'));
      await vi.waitFor(() => expect(first.seen).toEqual(['a']), patience);
      await consume(connect(), second.handler);
      await append(aGroup(), named('b'));
      await vi.waitFor(() => expect(first.seen).toEqual(['a', 'b']), patience);
      await active.stop();
      await append(aGroup(), named('c'));
      await vi.waitFor(() => expect(second.seen).toEqual(['c']), patience);
      expect(first.seen).toEqual(['a', 'b']);
    });

    test('consumers of different names each get every event', async () => {
      const { append, connect } = await open();
      const one = recorder();
      const two = recorder();
      const bus = connect();
      await consume(bus, one.handler, { name: 'one' });
      await consume(bus, two.handler, { name: 'two' });
      await append(aGroup(), named('a'));
      await vi.waitFor(() => expect([one.seen, two.seen]).toEqual([['a'], ['a']]), patience);
    });
  });
}
