import { describe, expect, test, vi } from 'vitest';
import { AppError } from '#packages/kernel/errors.ts';
import { newId } from '#packages/kernel/ids.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { aGroup, type BusUnderTest, consume, named, nameOf, patience, recorder } from './bus-under-test.ts';

/** What becomes of events that a handler fails on, on every adapter of the message bus. */
export function describeFailures(adapter: string, open: () => Promise<BusUnderTest>): void {
  describe(`message bus, failing handlers: ${adapter}`, () => {
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

    test('to replay a letter that is not there is an error', async () => {
      const { connect, deadLetters } = await open();
      await consume(connect(), recorder().handler);
      await expect(deadLetters.replay('clerk', newId())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });
}
