import { beforeEach, describe, expect, test } from 'vitest';
import { streams } from '#contracts/events/streams.ts';
import type { EventStore, LogFilter, Position, StoredEvent } from '#packages/event-store/port.ts';
import { newId } from '#packages/kernel/ids.ts';
import { newTicketStream, note, notes, priorityRaised, settingSaved } from '#tests/support/log-events.ts';
import { ids, type LogContext } from './context.ts';

export function describeRead(context: LogContext): void {
  let store: EventStore;
  let other: EventStore;
  let stream: string;
  beforeEach(() => {
    ({ store, other, stream } = context);
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
}
