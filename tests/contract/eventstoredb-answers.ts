import { randomUUID } from 'node:crypto';
import {
  ANY,
  type AppendExpectedRevision,
  type AppendToStreamOptions,
  BACKWARDS,
  END,
  EventStoreDBClient,
  eventTypeFilter,
  excludeSystemEvents,
  FORWARDS,
  jsonEvent,
  NO_STREAM,
  STREAM_EXISTS,
} from '@eventstore/db-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const event = (id: string = randomUUID(), text = '') => jsonEvent({ id, type: 'Answered', data: { text } });
const events = (count: number) => Array.from({ length: count }, () => event());
/** Makes the client append by a call of its own instead of by its shared stream of batches. */
const unary: AppendToStreamOptions = { credentials: { username: 'admin', password: 'changeit' } };

/**
 * What the adapter relies on: one test per answer of a real 23.10, asked through the bare client. The fake must give
 * the answers of a real server, so both are asked.
 */
export function describeAnswers(name: string, open: () => Promise<{ url: string; dispose(): Promise<void> }>): void {
  describe(`the answers of ${name}`, () => {
    let server: Awaited<ReturnType<typeof open>>;
    let client: EventStoreDBClient;
    let stream: string;
    beforeAll(async () => {
      server = await open();
      client = EventStoreDBClient.connectionString(server.url);
    });
    afterAll(async () => {
      await client?.dispose();
      await server?.dispose();
    });
    beforeEach(() => {
      stream = `answer-${randomUUID()}`;
    });
    const read = async (options: Parameters<EventStoreDBClient['readStream']>[1] = {}) =>
      (await Array.fromAsync(client.readStream(stream, options))).map((resolved) => resolved.event);
    const revisions = async (options = {}) => (await read(options)).map((found) => found?.revision);

    describe.each([
      { path: 'batch', options: {} },
      { path: 'unary', options: unary },
    ])('to appends, $path path', ({ options, path }) => {
      const append = (expectedRevision: AppendExpectedRevision, given: ReturnType<typeof events>) =>
        client.appendToStream(stream, given, { expectedRevision, ...options });
      const refused = (actualVersion: bigint | 'no_stream', expectedVersion: unknown) => ({
        type: 'wrong-expected-version',
        streamName: stream,
        actualVersion,
        expectedVersion,
        message: '',
      });

      test('written: revision and position of the last event, and each event has a position of its own', async () => {
        const { nextExpectedRevision, position, success } = await append(NO_STREAM, events(3));
        expect({ success, nextExpectedRevision }).toEqual({ success: true, nextExpectedRevision: 2n });
        const positions = (await read()).map((found) => found?.position);
        expect(positions.at(-1)).toEqual(position);
        for (const place of positions) expect(place?.commit).toBe(place?.prepare);
        expect(new Set(positions.map((place) => place?.commit)).size).toBe(3);
        expect(positions).toEqual(positions.toSorted((a, b) => (a!.commit < b!.commit ? -1 : 1)));
      });

      test('nothing to write: revision 0', async () => {
        expect(await append(NO_STREAM, [])).toMatchObject({ success: true, nextExpectedRevision: 0n });
      });

      test('wrong expected revision', async () => {
        await expect(append(3n, events(1))).rejects.toMatchObject(refused('no_stream', 3n));
        await expect(append(STREAM_EXISTS, events(1))).rejects.toMatchObject(refused('no_stream', 'stream_exists'));
        await append(NO_STREAM, events(2));
        await expect(append(NO_STREAM, events(1))).rejects.toMatchObject(refused(1n, 'no_stream'));
        await expect(append(0n, events(1))).rejects.toMatchObject(refused(1n, 0n));
      });

      test('same ids, same expected revision: the first outcome, also when the stream moved on', async () => {
        const [first, second] = [events(2), events(1)];
        const outcome = await append(NO_STREAM, first);
        await append(1n, second);
        expect(await append(NO_STREAM, first)).toEqual(outcome);
        expect(await revisions()).toEqual([0n, 1n, 2n]);
      });

      test('same ids, other expected revision: refused, but written again at the current one', async () => {
        const given = events(2);
        await append(NO_STREAM, given);
        await expect(append(0n, given)).rejects.toMatchObject(refused(1n, 0n));
        expect(await append(1n, given)).toMatchObject({ nextExpectedRevision: 3n });
        expect(await revisions()).toHaveLength(4);
      });

      test('some of the ids written: refused as a whole, or all written at the current revision', async () => {
        const [a, b, c] = [event(), event(), event()];
        await append(NO_STREAM, [a]);
        await expect(append(NO_STREAM, [a, b, c])).rejects.toMatchObject(refused(0n, 'no_stream'));
        await expect(append(ANY, [a, b, c])).rejects.toMatchObject({ type: 'wrong-expected-version' });
        expect(await revisions()).toEqual([0n]);
        expect(await append(0n, [a, b, c])).toMatchObject({ nextExpectedRevision: 3n });
      });

      test('all of the ids written: a prefix and a suffix are known at their own places only', async () => {
        const [a, b, c] = [event(), event(), event()];
        await append(NO_STREAM, [a, b, c]);
        expect(await append(NO_STREAM, [a, b])).toMatchObject({ nextExpectedRevision: 1n });
        expect(await append(0n, [b, c])).toMatchObject({ nextExpectedRevision: 2n });
        await expect(append(NO_STREAM, [b, c])).rejects.toMatchObject(refused(2n, 'no_stream'));
        expect(await revisions()).toHaveLength(3);
      });

      // On the batch path a real server answers each part of a large append, and the client throws at the second answer
      // where nobody can catch it. The adapter never goes there.
      test.runIf(path === 'unary')('too large: per append, not per event', async () => {
        const half = () => event(randomUUID(), 'x'.repeat(600_000));
        const error = { type: 'maximum-append-size-exceeded', maxAppendSize: 1_048_576 };
        await append(NO_STREAM, [half()]);
        await expect(append(0n, [half(), half()])).rejects.toMatchObject({
          ...error,
          code: 3,
        });
        expect(await revisions()).toEqual([0n]);
      });

      test('deleted softly: goes on where it ended', async () => {
        await append(NO_STREAM, events(2));
        await client.deleteStream(stream);
        await expect(append(STREAM_EXISTS, events(1))).rejects.toMatchObject({ type: 'stream-deleted' });
        expect(await append(NO_STREAM, events(1))).toMatchObject({ nextExpectedRevision: 2n });
        // A real server brings the stream back a moment after it has acknowledged the append.
        await expect.poll(() => revisions().catch(() => [])).toEqual([2n]);
        await client.deleteStream(stream);
        expect(await append(2n, events(1))).toMatchObject({ nextExpectedRevision: 3n });
      });

      test('tombstoned: nothing any more', async () => {
        await append(NO_STREAM, events(1));
        await client.tombstoneStream(stream);
        for (const expected of [NO_STREAM, ANY, 0n] as const)
          await expect(append(expected, events(1))).rejects.toMatchObject({
            type: 'stream-deleted',
            code: path === 'batch' ? undefined : 9,
          });
        await expect(read()).rejects.toMatchObject({ type: 'stream-deleted' });
      });

      test('bad id or no name: an error without a name', async () => {
        await expect(append(NO_STREAM, [event('nonsense')])).rejects.toMatchObject({ type: 'unknown' });
        stream = '';
        await expect(append(NO_STREAM, events(1))).rejects.toMatchObject({ type: 'unknown' });
      });
    });

    test('to an append of 20 MiB by a call of its own: code 8', async () => {
      const huge = event(randomUUID(), 'x'.repeat(20 * 1024 * 1024));
      await expect(client.appendToStream(stream, [huge], unary)).rejects.toMatchObject({ type: 'unknown', code: 8 });
    });

    describe('to reads of a stream', () => {
      test('that is missing or deleted: not found, in both directions', async () => {
        for (const direction of [FORWARDS, BACKWARDS] as const)
          await expect(read({ direction })).rejects.toMatchObject({ type: 'stream-not-found', streamName: stream });
        await client.appendToStream(stream, events(1), unary);
        await client.deleteStream(stream);
        await expect(read()).rejects.toMatchObject({ type: 'stream-not-found' });
      });

      test('past its end: nothing; backwards without a revision: event 0; of no events: an error', async () => {
        await client.appendToStream(stream, events(3), unary);
        expect(await read({ fromRevision: 3n })).toEqual([]);
        expect(await revisions({ direction: BACKWARDS })).toEqual([0n]);
        expect(await revisions({ direction: BACKWARDS, fromRevision: END, maxCount: 2 })).toEqual([2n, 1n]);
        await expect(read({ maxCount: 0 })).rejects.toMatchObject({ type: 'unknown', code: 2 });
      });
    });

    describe('to reads of everything', () => {
      test('from a position: with the event at it, whatever filter is asked for; backwards without it', async () => {
        const { position } = await client.appendToStream(stream, events(1), unary);
        const fromPosition = position!;
        await client.appendToStream(stream, events(2), { ...unary, expectedRevision: 0n });
        const filter = eventTypeFilter({ prefixes: ['Nothing'] });
        const found = await Array.fromAsync(client.readAll({ fromPosition, filter } as object));
        expect(found[0]?.event?.position).toEqual(fromPosition);
        expect(found[0]?.commitPosition).toBe(fromPosition.commit);
        expect(found.filter((resolved) => resolved.event?.streamId === stream)).toHaveLength(3);
        const before = await Array.fromAsync(client.readAll({ fromPosition, direction: BACKWARDS, maxCount: 5 }));
        expect(before.length).toBeGreaterThan(0);
        for (const resolved of before) expect(resolved.commitPosition).toBeLessThan(fromPosition.commit);
      });

      test('from a position that is none: an error without a name', async () => {
        const { position } = await client.appendToStream(stream, events(1), unary);
        const none = { commit: position!.commit + 1n, prepare: position!.prepare + 1n };
        const reading = () => Array.fromAsync(client.readAll({ fromPosition: none, maxCount: 5 }));
        // Behind the newest event there is only the end.
        expect(await reading()).toEqual([]);
        await client.appendToStream(stream, events(1), { ...unary, expectedRevision: 0n });
        await expect(reading()).rejects.toMatchObject({ type: 'unknown', code: 2 });
      });

      test('has events of the server, whose stream or type begins with a dollar sign', async () => {
        await client.appendToStream(stream, events(1), unary);
        await client.deleteStream(stream);
        const [newest] = await Array.fromAsync(
          client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }),
        );
        expect(newest?.event).toMatchObject({ streamId: `$$${stream}`, type: '$metadata' });
      });
    });

    test('to subscriptions: confirmation, the events after the position, caught up, what comes, checkpoints', async () => {
      const { position } = await client.appendToStream(stream, events(1), unary);
      const given = events(200);
      await client.appendToStream(stream, given.slice(0, 2), { ...unary, expectedRevision: 0n });
      const seen: string[] = [];
      const checkpoints: bigint[] = [];
      const filter = excludeSystemEvents({
        maxSearchWindow: 32,
        checkpointInterval: 1,
        checkpointReached: async (_, place) => void checkpoints.push(place.commit),
      });
      const subscription = client.subscribeToAll({ fromPosition: position!, filter });
      const all = Promise.withResolvers<void>();
      subscription.on('confirmation', () => seen.push('confirmation'));
      subscription.on('caughtUp', () => {
        seen.push('caughtUp');
        void appendRest();
      });
      subscription.on('data', (resolved) => {
        if (resolved.event?.streamId !== stream) return;
        seen.push(resolved.event.id);
        if (resolved.event.id === given.at(-1)?.id) all.resolve();
      });
      const appendRest = () =>
        client.appendToStream(stream, given.slice(2), { ...unary, expectedRevision: 2n }).catch(all.reject);
      await all.promise;
      await subscription.unsubscribe();
      const ids = given.map(({ id }) => id);
      expect(seen).toEqual(['confirmation', ...ids.slice(0, 2), 'caughtUp', ...ids.slice(2)]);
      expect(checkpoints.length).toBeGreaterThan(0);
      expect(checkpoints).toEqual(checkpoints.toSorted((a, b) => (a < b ? -1 : 1)));
    });
  });
}
