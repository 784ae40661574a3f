import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { streams } from '#contracts/events/streams.ts';
import type { EventStore, LogFilter, NewEvent, Position, StoredEvent } from '#packages/event-store/port.ts';
import { newId } from '#packages/kernel/ids.ts';
import { newTicketStream, note, notes, priorityRaised, settingSaved } from '#tests/support/log-events.ts';

/** One event log that a suite may fill. */
export type LogUnderTest = {
  /** Another store on the same log, as another process would have it. The suite closes it. */
  connect(): EventStore;
  dispose(): Promise<void>;
};

/** What every adapter of the port must do; each `describe` is a part of its documentation. */
export function describeEventStore(name: string, open: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    let log: LogUnderTest;
    let store: EventStore;
    let other: EventStore;
    let stream: string;
    beforeAll(async () => {
      log = await open();
      store = log.connect();
      other = log.connect();
    });
    afterAll(async () => {
      await Promise.all([store?.close(), other?.close()]);
      await log?.dispose();
    });
    beforeEach(() => {
      stream = newTicketStream();
    });

    const written = async (name = stream) => (await store.readStream(name)).map(({ id }) => id);
    const ids = (events: readonly { id: string }[]) => events.map(({ id }) => id);
    const conflict = (expected: number, actual: number) => ({ code: 'VERSION_CONFLICT', extra: { expected, actual } });

    describe('append', () => {
      test('gives the version and the position of its last event, and what is read is what was written', async () => {
        const events = [note('one'), priorityRaised(), note('three')];
        const result = await store.append(stream, 0, events);
        const stored = await store.readStream(stream);
        expect(result).toEqual({ version: 3, position: stored.at(-1)?.position, duplicate: false });
        expect(stored).toEqual(
          events.map((event, index) => ({ ...event, stream, version: index + 1, position: expect.any(BigInt) })),
        );
      });

      test('goes on from the version it expects', async () => {
        await store.append(stream, 0, notes(2));
        const result = await store.append(stream, 2, notes(3));
        expect(result).toMatchObject({ version: 5, duplicate: false });
        expect((await store.readStream(stream)).map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
      });

      test.each([
        { existing: 0, expected: 1 },
        { existing: 2, expected: 0 },
        { existing: 2, expected: 1 },
        { existing: 2, expected: 3 },
      ])(
        'on a stream of $existing events refuses to expect $expected, and writes nothing',
        async ({ existing, expected }) => {
          const before = notes(existing);
          if (existing > 0) await store.append(stream, 0, before);
          await expect(store.append(stream, expected, notes(2))).rejects.toMatchObject(conflict(expected, existing));
          expect(await written()).toEqual(ids(before));
        },
      );

      test('of ten at once with the same expectation lets one through', async () => {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 10 }, (_, index) => (index % 2 ? store : other).append(stream, 0, notes(2))),
        );
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const outcome of outcomes)
          if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(conflict(0, 2));
        expect(await written()).toHaveLength(2);
      });

      test('refused does not touch those that go with it', async () => {
        const taken = newTicketStream();
        await store.append(taken, 0, [note()]);
        const fine = Array.from({ length: 20 }, () => ({ name: newTicketStream(), events: notes(2) }));
        const [outcomes] = await Promise.all([
          Promise.allSettled(fine.map(({ name, events }) => store.append(name, 0, events))),
          expect(store.append(taken, 0, [note()])).rejects.toMatchObject(conflict(0, 1)),
          expect(store.append(taken, 7, [note()])).rejects.toMatchObject(conflict(7, 1)),
        ]);
        expect(outcomes.map(({ status }) => status)).toEqual(fine.map(() => 'fulfilled'));
        for (const { name, events } of fine) expect(await written(name)).toEqual(ids(events));
      });

      test('keeps the order of appends to one stream that are not waited for', async () => {
        const events = notes(10);
        await Promise.all(events.map((event, version) => store.append(stream, version, [event])));
        expect(await written()).toEqual(ids(events));
      });

      test('takes one mebibyte of events and no more', async () => {
        const text = 'x'.repeat(400_000);
        await store.append(stream, 0, [note(text), note(text)]);
        await expect(store.append(stream, 2, [note(text), note(text), note(text)])).rejects.toMatchObject({
          code: 'EVENT_TOO_LARGE',
        });
        expect((await store.readStream(stream)).map(({ data }) => data)).toMatchObject([
          { message: { text } },
          { message: { text } },
        ]);
      });

      test.each([
        { what: 'no events', act: () => store.append(stream, 0, []) },
        { what: 'a negative version', act: () => store.append(stream, -1, [note()]) },
        { what: 'half a version', act: () => store.append(stream, 0.5, [note()]) },
        { what: 'no stream', act: () => store.append('', 0, [note()]) },
        { what: 'a stream with a line break', act: () => store.append('ticket-\n', 0, [note()]) },
        { what: 'an id that is no uuid', act: () => store.append(stream, 0, [note('', '1,2')]) },
        { what: 'a type that is no name', act: () => store.append(stream, 0, [{ ...note(), type: 'a b' } as never]) },
      ])('takes $what for a mistake of the program', async ({ act }) => {
        await expect(act()).rejects.toThrow(TypeError);
        expect(await written()).toEqual([]);
      });
    });

    describe('append again', () => {
      let first: NewEvent[];
      beforeEach(async () => {
        first = notes(3);
        await store.append(stream, 0, first);
      });
      const again = async (expected: number, events: readonly NewEvent[], from: EventStore = store) =>
        from.append(stream, expected, events);

      test('with the same events and expectation gives the first outcome, also when the stream moved on', async () => {
        const stored = await store.readStream(stream);
        const outcome = { version: 3, position: stored.at(-1)?.position, duplicate: true };
        expect(await again(0, first)).toEqual(outcome);
        const later = notes(2);
        await store.append(stream, 3, later);
        expect(await again(0, first)).toEqual(outcome);
        expect(await again(0, first, other)).toEqual(outcome);
        expect(await again(3, later)).toMatchObject({ version: 5, duplicate: true });
        expect(await written()).toEqual(ids([...first, ...later]));
      });

      test('at the same time gives both the same outcome', async () => {
        const events = notes(2);
        const results = await Promise.all([again(3, events), again(3, events), again(3, events, other)]);
        expect(new Set(results.map(({ position }) => position)).size).toBe(1);
        expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
        expect(await written()).toEqual(ids([...first, ...events]));
      });

      test('with the same events at another version conflicts', async () => {
        for (const expected of [1, 2, 4])
          await expect(again(expected, first)).rejects.toMatchObject(conflict(expected, 3));
        expect(await written()).toEqual(ids(first));
      });

      test('with some of the events knows them at their own version only', async () => {
        const positions = (await store.readStream(stream)).map(({ position }) => position);
        expect(await again(0, first.slice(0, 1))).toEqual({ version: 1, position: positions[0], duplicate: true });
        expect(await again(1, first.slice(1))).toEqual({ version: 3, position: positions[2], duplicate: true });
        await expect(again(0, first.slice(1))).rejects.toMatchObject(conflict(0, 3));
        await expect(again(0, first.toReversed())).rejects.toMatchObject(conflict(0, 3));
        expect(await written()).toEqual(ids(first));
      });

      test('with more events than were written conflicts', async () => {
        await expect(again(0, [...first, note()])).rejects.toMatchObject(conflict(0, 3));
        await expect(again(0, [...first.slice(0, 2), note()])).rejects.toMatchObject(conflict(0, 3));
        expect(await written()).toEqual(ids(first));
      });

      test('to another stream is another append', async () => {
        const elsewhere = newTicketStream();
        expect(await store.append(elsewhere, 0, first)).toMatchObject({ version: 3, duplicate: false });
        expect(await written(elsewhere)).toEqual(ids(first));
      });
    });

    describe('content', () => {
      test.each([
        { what: 'scripts of the world', text: 'żółć 日本語 العربية 👩‍👩‍👧‍👦 \u2028\u2029 ﷺ' },
        { what: 'what JSON and SQL escape', text: `"quotes" 'single' \\ back\\slash \\u0000 {a,b} $1 -- ; /* %s */` },
        { what: 'control characters', text: '\u0001\b\t\n\f\r\u001e\u001f\u007f' },
        { what: 'half a megabyte', text: 'ä'.repeat(250_000) },
        { what: 'nothing', text: '' },
      ])('keeps $what', async ({ text }) => {
        const [before, after] = [note('before'), note('after')];
        await Promise.all([
          store.append(stream, 0, [before, note(text), after]),
          store.append(newTicketStream(), 0, [note(text)]),
        ]);
        const texts = (await store.readStream(stream)).map(({ data }) =>
          'message' in data ? data.message.text : null,
        );
        expect(texts).toEqual(['before', text, 'after']);
      });

      test('keeps values, nulls and the order of keys', async () => {
        const value = { z: 1, a: [null, true, -0.5, 1e21, 9007199254740991], '': {}, é: { deep: [[[]]] }, b: '' };
        await store.append(stream, 0, [settingSaved(value)]);
        const [event] = await store.readStream(stream);
        expect(JSON.stringify(event?.data)).toBe(JSON.stringify({ kind: 'calendar', id: 'office', value }));
      });

      test.each([
        { text: 'a\0b', what: 'U+0000' },
        { text: '\ud800', what: 'half of a surrogate pair' },
      ])('refuses $what and says where it is', async ({ text }) => {
        await expect(store.append(stream, 0, [note('fine'), note(text)])).rejects.toMatchObject({
          code: 'INVALID_REQUEST',
          fields: [{ pointer: '/data/message/text' }],
        });
        expect(await written()).toEqual([]);
      });

      test('gives events of a type that this version does not know', async () => {
        const unknown = { ...note(), type: 'TicketTeleported', data: { to: 'Mars' } };
        await store.append(stream, 0, [unknown as unknown as NewEvent]);
        expect(await store.readStream(stream)).toMatchObject([{ type: 'TicketTeleported', data: { to: 'Mars' } }]);
      });
    });

    describe('readStream', () => {
      test('of a stream that does not exist is empty', async () => {
        expect(await store.readStream(stream)).toEqual([]);
      });

      test.each([
        { range: {}, versions: [1, 2, 3, 4, 5] },
        { range: { fromVersion: 3 }, versions: [3, 4, 5] },
        { range: { toVersion: 2 }, versions: [1, 2] },
        { range: { fromVersion: 2, toVersion: 4 }, versions: [2, 3, 4] },
        { range: { fromVersion: 4, toVersion: 4 }, versions: [4] },
        { range: { fromVersion: 6 }, versions: [] },
        { range: { fromVersion: 4, toVersion: 3 }, versions: [] },
        { range: { toVersion: 0 }, versions: [] },
        { range: { toVersion: 99 }, versions: [1, 2, 3, 4, 5] },
      ])('of $range gives versions $versions', async ({ range, versions }) => {
        await store.append(stream, 0, notes(5));
        expect((await store.readStream(stream, range)).map(({ version }) => version)).toEqual(versions);
      });

      test('does not give events of a stream with a longer name', async () => {
        await store.append(`${stream}-2`, 0, [note()]);
        expect(await store.readStream(stream)).toEqual([]);
      });
    });

    describe('readAll', () => {
      /** Reads on from a position to the end of the log. */
      const readOn = async (after: Position, options: LogFilter & { limit?: number } = {}) => {
        const events: StoredEvent[] = [];
        let [position, atEnd] = [after, false];
        while (!atEnd) {
          const page = await store.readAll(position, options);
          expect(page.events.length).toBeLessThanOrEqual(options.limit ?? 1000);
          expect(page.scannedTo).toBeGreaterThanOrEqual(page.events.at(-1)?.position ?? position);
          if (page.scannedTo === position) expect(page.atEnd).toBe(true);
          events.push(...page.events);
          ({ scannedTo: position, atEnd } = page);
        }
        expect(position).toBe(await store.head());
        return events;
      };

      test('gives all events of all streams after a position, in the order of their positions', async () => {
        const start = await store.head();
        const [one, two] = [newTicketStream(), newTicketStream()];
        await store.append(one, 0, notes(2));
        await store.append(two, 0, notes(1));
        await store.append(one, 2, notes(1));
        const events = await readOn(start);
        expect(events.map(({ stream, version }) => [stream, version])).toEqual([
          [one, 1],
          [one, 2],
          [two, 1],
          [one, 3],
        ]);
        expect(events).toEqual(events.toSorted((a, b) => (a.position < b.position ? -1 : 1)));
        expect(await readOn(events[1]?.position ?? 0n)).toEqual(events.slice(2));
      });

      test('gives pages of the size asked for, none of them twice', async () => {
        const start = await store.head();
        const events = notes(10);
        await store.append(stream, 0, events);
        for (const limit of [1, 3, 10, 11]) expect(ids(await readOn(start, { limit }))).toEqual(ids(events));
      });

      test('at the end of the log gives nothing and stays where it is', async () => {
        const head = await store.head();
        expect(await store.readAll(head)).toEqual({ events: [], scannedTo: head, atEnd: true });
        expect(await store.readAll(head, { types: ['TicketCommented'] })).toEqual({
          events: [],
          scannedTo: head,
          atEnd: true,
        });
      });

      describe('with a filter', () => {
        const calendar = () => streams.setting('calendar', newId());
        const policy = () => streams.setting('sla-policy', newId());
        let start: Position;
        let names: { calendar: string; policy: string; person: string };
        beforeEach(async () => {
          start = await store.head();
          names = { calendar: calendar(), policy: policy(), person: streams.person(newId()) };
          await store.append(stream, 0, [note(), priorityRaised()]);
          await store.append(names.calendar, 0, [settingSaved()]);
          await store.append(names.person, 0, [note()]);
          await store.append(names.policy, 0, [settingSaved(), settingSaved()]);
          await store.append(stream, 2, notes(3));
        });
        const versions = async (filter: LogFilter & { limit?: number }) =>
          (await readOn(start, filter)).map((event) => [event.stream, event.version]);

        test('gives streams by the start of their name', async () => {
          const settings = [
            [names.calendar, 1],
            [names.policy, 1],
            [names.policy, 2],
          ];
          expect(await versions({ streamPrefixes: ['setting-'] })).toEqual(settings);
          expect(await versions({ streamPrefixes: ['sett'] })).toEqual(settings);
          expect(await versions({ streamPrefixes: ['setting-', 'person-', 'company-'] })).toEqual([
            [names.calendar, 1],
            [names.person, 1],
            [names.policy, 1],
            [names.policy, 2],
          ]);
          expect(await versions({ streamPrefixes: ['setting-calendar-'] })).toEqual([[names.calendar, 1]]);
          expect(await versions({ streamPrefixes: [stream] })).toHaveLength(5);
        });

        test('does not take prefixes for patterns', async () => {
          for (const prefix of ['%', 'setting_', '.*', 'SETTING-', 'etting-'])
            expect(await versions({ streamPrefixes: [prefix] })).toEqual([]);
        });

        test('gives events by type, and by type and stream', async () => {
          expect(await versions({ types: ['TicketPriorityChanged'] })).toEqual([[stream, 2]]);
          expect(await versions({ types: ['TicketPriorityChanged', 'SettingSaved'] })).toHaveLength(4);
          expect(await versions({ types: ['TicketCommented'], streamPrefixes: ['person-', 'setting-'] })).toEqual([
            [names.person, 1],
          ]);
        });

        test('gives nothing for nothing allowed', async () => {
          expect(await versions({ types: [] })).toEqual([]);
          expect(await versions({ streamPrefixes: [] })).toEqual([]);
        });

        test.each([1, 2, 3])('gives each match once in pages of %i', async (limit) => {
          expect(await versions({ streamPrefixes: ['setting-', 'person-'], limit })).toHaveLength(4);
          expect(await versions({ types: ['SettingSaved', 'TicketPriorityChanged'], limit })).toHaveLength(4);
        });

        test('says that it looked at everything when nothing matches', async () => {
          expect(await store.readAll(start, { streamPrefixes: ['company-'] })).toEqual({
            events: [],
            scannedTo: await store.head(),
            atEnd: true,
          });
        });
      });
    });

    describe('head', () => {
      test('is the position of the newest event', async () => {
        const { position } = await store.append(stream, 0, notes(3));
        expect(await store.head()).toBe(position);
        expect(await other.head()).toBe(position);
      });
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

    describe('close', () => {
      test('waits for appends, ends subscriptions, and then refuses', async () => {
        const closing = log.connect();
        const head = await closing.head();
        const followed = Array.fromAsync(closing.subscribe(head, { signal: new AbortController().signal }));
        const events = notes(3);
        const appended = closing.append(stream, 0, events);
        await Promise.all([closing.close(), closing.close()]);
        expect(await appended).toMatchObject({ version: 3 });
        await followed;
        expect(await written()).toEqual(ids(events));
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

      test('has its head at 0 and no events', async () => {
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
