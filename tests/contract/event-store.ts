import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EventStore } from '#packages/event-store/port.ts';
import { newTicketStream, note, notes } from '#tests/support/log-events.ts';
import { describeAppend } from './event-store/append.ts';
import { ids, type LogContext, type LogUnderTest } from './event-store/context.ts';
import { describeRead } from './event-store/read.ts';
import { describeSubscribe } from './event-store/subscribe.ts';

/**
 * What every adapter of the port must do; each `describe` is a part of its documentation. `fresh` is false when `open`
 * cannot give a log of its own each time.
 */
export function describeEventStore(
  name: string,
  open: () => Promise<LogUnderTest>,
  { fresh = true }: { fresh?: boolean } = {},
): void {
  describe(name, () => {
    const context = {} as LogContext;
    beforeAll(async () => {
      context.log = await open();
      context.store = context.log.connect();
      context.other = context.log.connect();
    });
    afterAll(async () => {
      await Promise.all([context.store?.close(), context.other?.close()]);
      await context.log?.dispose();
    });
    beforeEach(() => {
      context.stream = newTicketStream();
    });

    describeAppend(context);
    describeRead(context);
    describeSubscribe(context);

    describe('close', () => {
      test('waits for appends, ends subscriptions, and then refuses', async () => {
        const { log, store, stream } = context;
        const closing = log.connect();
        const head = await closing.head();
        const followed = Array.fromAsync(closing.subscribe(head, { signal: new AbortController().signal }));
        const events = notes(3);
        const appended = closing.append(stream, 0, events);
        await Promise.all([closing.close(), closing.close()]);
        expect(await appended).toMatchObject({ version: 3 });
        await followed;
        expect(ids(await store.readStream(stream))).toEqual(ids(events));
        await expect(closing.append(stream, 3, [note()])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
        await expect(closing.readAll(0n)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      });
    });

    describe('an empty log', () => {
      let empty: LogUnderTest;
      let emptyStore: EventStore;
      beforeAll(async () => {
        empty = await open();
        emptyStore = empty.connect();
      });
      afterAll(async () => {
        await emptyStore?.close();
        await empty?.dispose();
      });

      test('has its head at 0 and no events', async (context) => {
        if (!fresh) context.skip('the server has one log, and it is not empty any more');
        expect(await emptyStore.head()).toBe(0n);
        expect(await emptyStore.readAll(0n)).toEqual({ events: [], scannedTo: 0n, atEnd: true });
        expect(await emptyStore.readAll(0n, { streamPrefixes: ['ticket-'] })).toEqual({
          events: [],
          scannedTo: 0n,
          atEnd: true,
        });
      });
    });
  });
}
