import { beforeEach, describe, expect, test } from 'vitest';
import type { EventStore, NewEvent } from '#packages/event-store/port.ts';
import { newTicketStream, note, notes, priorityRaised, settingSaved } from '#tests/support/log-events.ts';
import { ids, type LogContext } from './context.ts';

const id = '0190a000-0000-7000-8000-000000000000';
const conflict = (expected: number, actual: number) => ({ code: 'VERSION_CONFLICT', extra: { expected, actual } });

export function describeAppend(context: LogContext): void {
  let store: EventStore;
  let other: EventStore;
  let stream: string;
  beforeEach(() => {
    ({ store, other, stream } = context);
  });
  const written = async (name = stream) => ids(await store.readStream(name));

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
      { what: 'an event twice', act: () => store.append(stream, 0, [note('', id), note('', id)]) },
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
      const texts = (await store.readStream(stream)).map(({ data }) => ('message' in data ? data.message.text : null));
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
}
