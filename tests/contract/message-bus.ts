import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { DeskEvent } from '#contracts/events/all.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { newId } from '#packages/kernel/ids.ts';
import { sleep } from '#packages/kernel/retry.ts';
import type { DeadLetters } from '#packages/message-bus/dead-letters.ts';
import type { ConsumerSpec, Handler, MessageBus } from '#packages/message-bus/port.ts';

/** A bus over a log of its own; every instance of the bus stands for one process. */
export type BusUnderTest = {
  connect(): MessageBus;
  append(stream: string, ...events: readonly DeskEvent[]): Promise<void>;
  deadLetters: DeadLetters;
  /** Moves the place that is stored for a consumer, as an operator may in the database. */
  setPlace(consumer: string, position: bigint): Promise<void>;
};

const named = (name: string): DeskEvent => ({ type: 'GroupRegistered', data: { name } });
const nameOf = (event: StoredEvent) => (event.type === 'GroupRegistered' ? event.data.name : event.type);
const aGroup = () => `group-${newId()}`;
const patience = { timeout: 10_000, interval: 10 };

/** What every adapter of the message bus must do. `open` makes a fresh one for each test and cleans up after it. */
export function describeMessageBus(adapter: string, open: () => Promise<BusUnderTest>): void {
  const consume = async (bus: MessageBus, handler: Handler, spec: Partial<ConsumerSpec> = {}) => {
    const consumption = await bus.consume({ name: 'clerk', types: ['GroupRegistered'], ...spec }, handler);
    onTestFinished(() => consumption.stop());
    return consumption;
  };
  /** A handler that keeps the names of what it has handled. */
  const recorder = () => {
    const seen: string[] = [];
    return { seen, handler: async (event: StoredEvent) => void seen.push(nameOf(event)) };
  };

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

    test('a handler that fails is tried again with a growing attempt number, and its stream waits', async () => {
      const { append, connect } = await open();
      await append(aGroup(), named('a'), named('b'));
      const seen: string[] = [];
      await consume(connect(), async (event, { attempt }) => {
        seen.push(`${nameOf(event)} ${attempt}`);
        if (nameOf(event) === 'a' && attempt < 3) throw new Error('not yet');
      });
      await vi.waitFor(() => expect(seen).toEqual(['a 1', 'a 2', 'a 3', 'b 1']), patience);
    });

    test('an event that keeps failing becomes a dead letter, and the stream goes on', async () => {
      const { append, connect, deadLetters } = await open();
      const stream = aGroup();
      await append(stream, named('bad'), named('good'));
      const { handler, seen } = recorder();
      await consume(
        connect(),
        async (event) => {
          if (nameOf(event) === 'bad') throw new Error('this one never');
          await handler(event);
        },
        { maxAttempts: 2 },
      );
      await vi.waitFor(() => expect(seen).toEqual(['good']), patience);
      const letters = await deadLetters.list({ consumer: 'clerk' });
      expect(letters).toMatchObject([{ consumer: 'clerk', stream, version: 1, type: 'GroupRegistered', attempts: 2 }]);
      expect(letters[0]?.error).toContain('this one never');
    });

    test('a dependency that is away is waited for, longer than attempts are counted', async () => {
      const { append, connect, deadLetters } = await open();
      await append(aGroup(), named('a'));
      const { handler, seen } = recorder();
      const attempts: number[] = [];
      await consume(
        connect(),
        async (event, { attempt }) => {
          attempts.push(attempt);
          if (attempts.length <= 4) throw new AppError('STORE_UNAVAILABLE');
          await handler(event);
        },
        { maxAttempts: 2 },
      );
      await vi.waitFor(() => expect(seen).toEqual(['a']), patience);
      // A handler that gives up by itself after some attempts goes by the same count.
      expect(attempts).toEqual([1, 1, 1, 1, 1]);
      expect(await deadLetters.list()).toEqual([]);
    });

    test('a dead letter can be replayed: it goes when that succeeds', async () => {
      const { append, connect, deadLetters } = await open();
      await append(aGroup(), named('a'));
      let repaired = false;
      const { handler, seen } = recorder();
      await consume(
        connect(),
        async (event) => {
          if (!repaired) throw new Error('broken');
          await handler(event);
        },
        { maxAttempts: 1 },
      );
      const [letter] = await vi.waitFor(async () => {
        const letters = await deadLetters.list();
        expect(letters).toHaveLength(1);
        return letters;
      }, patience);
      repaired = true;
      await deadLetters.replay('clerk', letter!.eventId);
      await vi.waitFor(async () => expect(await deadLetters.list()).toEqual([]), patience);
      expect(seen).toEqual(['a']);
    });

    test('replays that were under way when the process broke off are not lost', async () => {
      const { append, connect, deadLetters } = await open();
      for (const name of ['a', 'b', 'c']) await append(aGroup(), named(name));
      let repaired = false;
      const begun = new Set<string>();
      const first = await consume(
        connect(),
        async (event, { signal }) => {
          if (!repaired) throw new Error('broken');
          begun.add(nameOf(event));
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('broken off'))));
        },
        { maxAttempts: 1 },
      );
      const letters = await vi.waitFor(async () => {
        const found = await deadLetters.list();
        expect(found).toHaveLength(3);
        return found;
      }, patience);
      repaired = true;
      for (const { eventId } of letters) await deadLetters.replay('clerk', eventId);
      await vi.waitFor(() => expect(begun.size).toBeGreaterThan(0), patience);
      await first.stop();
      expect(await deadLetters.list()).toHaveLength(3);
      const { handler, seen } = recorder();
      await consume(connect(), handler);
      await vi.waitFor(async () => expect(await deadLetters.list()).toEqual([]), patience);
      expect(new Set(seen)).toEqual(new Set(['a', 'b', 'c']));
    }, 30_000);

    test('a replay that fails again keeps its letter, with the new error, and is not tried for ever', async () => {
      const { append, connect, deadLetters } = await open();
      await append(aGroup(), named('a'));
      let tries = 0;
      await consume(
        connect(),
        async () => {
          tries += 1;
          throw new Error(`failure ${tries}`);
        },
        { maxAttempts: 1 },
      );
      const [letter] = await vi.waitFor(async () => {
        const found = await deadLetters.list();
        expect(found).toHaveLength(1);
        return found;
      }, patience);
      await deadLetters.replay('clerk', letter!.eventId);
      await vi.waitFor(
        async () => expect(await deadLetters.list()).toMatchObject([{ error: 'Error: failure 2', attempts: 2 }]),
        patience,
      );
      // Longer than wishes are looked for.
      await sleep(1_500);
      expect(tries).toBe(2);
    });

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

    test('to replay a letter that is not there is an error', async () => {
      const { connect, deadLetters } = await open();
      await consume(connect(), recorder().handler);
      await expect(deadLetters.replay('clerk', newId())).rejects.toMatchObject({ code: 'NOT_FOUND' });
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
