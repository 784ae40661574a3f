import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { consumerSpec, deadLetterStream, eventStream, headerNames } from '#contracts/bus.ts';
import type { DeskEvent } from '#contracts/events/all.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { declareConsumer, declareStream } from '#packages/message-bus/nats/declare.ts';
import { natsMissing } from '#tests/support/nats.ts';
import { openNatsDesk } from '#tests/support/nats-bus.ts';

const named = (name: string): DeskEvent => ({ type: 'GroupRegistered', data: { name } });
const nameOf = (event: StoredEvent) => (event.type === 'GroupRegistered' ? event.data.name : event.type);
const patience = { timeout: 40_000, interval: 20 };
const spec = { name: 'clerk', types: ['GroupRegistered'] } as const;

describe.skipIf(natsMissing())('bus over NATS', () => {
  const open = async () => {
    const desk = await openNatsDesk();
    const client = async () => {
      const connection = await desk.nats.client();
      onTestFinished(() => connection.close());
      return { connection, jsm: await connection.jetstreamManager() };
    };
    return { ...desk, client };
  };

  test('a server that is killed twice in the middle: each event has its effect, streams keep their order', async () => {
    const { append, nats, open: connect, relay } = await open();
    await relay();
    const first = new Map<string, string[]>();
    const consumption = await connect().bus.consume(spec, async (event) => {
      await sleep(5);
      // As the desk's handlers: an event that comes again has no second effect.
      const effects = first.get(event.stream) ?? [];
      if (!effects.includes(nameOf(event))) first.set(event.stream, [...effects, nameOf(event)]);
    });
    onTestFinished(() => consumption.stop());
    const expected = new Map<string, string[]>();
    let written = 0n;
    for (let round = 0; round < 3; round += 1) {
      for (let stream = 0; stream < 10; stream += 1) {
        const names = Array.from({ length: 20 }, (_, n) => `${round} ${n}`);
        expected.set(`group-${round}-${stream}`, names);
        await append(`group-${round}-${stream}`, ...names.map(named));
        written += 20n;
      }
      if (round === 2) break;
      await vi.waitFor(() => expect(consumption.position()).toBeGreaterThan(written - 150n), patience);
      await nats.kill();
      await sleep(300);
      await nats.start();
    }
    await vi.waitFor(() => expect(consumption.position()).toBe(600n), patience);
    expect([...first].toSorted()).toEqual([...expected].toSorted());
  }, 90_000);

  test('a server that comes later: consumers wait for it, and events are taken meanwhile', async () => {
    const { append, nats, open: connect, relay } = await open();
    await nats.kill();
    await relay();
    const seen: string[] = [];
    const consumption = await connect().bus.consume(spec, async (event) => void seen.push(nameOf(event)));
    onTestFinished(() => consumption.stop());
    await append('group-1', named('a'));
    await nats.start();
    await vi.waitFor(() => expect(seen).toEqual(['a']), patience);
  }, 60_000);

  test('what a process held when it vanished comes again after the ack wait, before what is newer in its stream', async () => {
    const { append, client, open: connect, relay } = await open();
    await relay();
    await append('group-1', named('a'), named('b'));
    const { connection, jsm } = await client();
    await vi.waitFor(async () => expect((await jsm.streams.info(eventStream.name)).state.messages).toBe(2), patience);
    await declareConsumer(jsm, spec.name);
    // Stands for that process: takes the first event and is never heard of again.
    const vanished = await connection.jetstream().consumers.get(eventStream.name, spec.name);
    expect((await vanished.next({ expires: 5_000 }))?.info.streamSequence).toBe(1);
    const seen: string[] = [];
    const consumption = await connect().bus.consume(spec, async (event) => void seen.push(nameOf(event)));
    onTestFinished(() => consumption.stop());
    await vi.waitFor(() => expect(seen).toEqual(['a', 'b']), {
      timeout: consumerSpec.ackWaitMs + 15_000,
      interval: 50,
    });
  }, 60_000);

  test('a long handler keeps its event: it is not delivered a second time after the ack wait', async () => {
    const { append, open: connect, relay } = await open();
    await relay();
    await append('group-1', named('a'));
    let begun = 0;
    let done = 0;
    const consumption = await connect().bus.consume(spec, async () => {
      begun += 1;
      await sleep(consumerSpec.ackWaitMs + 4_000);
      done += 1;
    });
    onTestFinished(() => consumption.stop());
    await vi.waitFor(() => expect(done).toBe(1), patience);
    expect(begun).toBe(1);
  }, 60_000);

  test('a dead letter holds the message as it was, with the error, and its original is terminated', async () => {
    const { append, client, open: connect, relay } = await open();
    await relay();
    await append('group-1', named('bad'));
    const consumption = await connect().bus.consume({ ...spec, maxAttempts: 2 }, async () => {
      throw new Error('this one\nnever');
    });
    onTestFinished(() => consumption.stop());
    await vi.waitFor(() => expect(consumption.position()).toBe(1n), patience);
    const { jsm } = await client();
    const letter = await jsm.streams.getMessage(deadLetterStream.name, { last_by_subj: 'desk-dead.clerk.>' });
    const original = await jsm.streams.getMessage(eventStream.name, { seq: 1 });
    for (const name of ['ce-id', 'ce-type', 'ce-subject', 'ce-time', headerNames.position, headerNames.version])
      expect(letter.header.get(name)).toBe(original.header.get(name));
    expect(letter.string()).toBe(original.string());
    expect(letter.header.get(headerNames.error)).toBe('Error: this one never');
    expect(letter.header.get(headerNames.attempts)).toBe('2');
    expect((await jsm.consumers.info(eventStream.name, spec.name)).num_ack_pending).toBe(0);
  });

  test('a corrupt message becomes a dead letter and holds nothing up', async () => {
    const { append, client, open: connect, relay } = await open();
    const { connection, jsm } = await client();
    await declareStream(jsm, eventStream);
    await connection.jetstream().publish('desk.group.registered', new TextEncoder().encode('no event of ours'));
    const seen: string[] = [];
    const desk = connect();
    const consumption = await desk.bus.consume(spec, async (event) => void seen.push(nameOf(event)));
    onTestFinished(() => consumption.stop());
    const letters = await vi.waitFor(async () => {
      const found = await desk.deadLetters.list();
      expect(found).toHaveLength(1);
      return found;
    }, patience);
    expect(letters[0]).toMatchObject({ consumer: 'clerk', eventId: 'message-1', type: 'unknown' });
    await expect(desk.deadLetters.replay('clerk', 'message-1')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await relay();
    await append('group-1', named('a'));
    await vi.waitFor(() => expect(seen).toEqual(['a']), patience);
  }, 60_000);

  test('an event too large for a message is read from the log', async () => {
    const { append, client, open: connect, relay } = await open();
    await relay();
    const large = 'x'.repeat(950 * 1024);
    await append('group-1', named(large));
    const sizes: number[] = [];
    const consumption = await connect().bus.consume(spec, async (event) => void sizes.push(nameOf(event).length));
    onTestFinished(() => consumption.stop());
    await vi.waitFor(() => expect(sizes).toEqual([large.length]), patience);
    const { jsm } = await client();
    expect((await jsm.streams.getMessage(eventStream.name, { seq: 1 })).data.byteLength).toBe(0);
  });

  test('a stream or consumer that is not as declared is named and left alone', async () => {
    const hour = 3_600_000_000_000;
    const { client } = await open();
    const { jsm } = await client();
    await declareStream(jsm, eventStream);
    await declareConsumer(jsm, 'clerk');
    // As declared: nothing to say.
    await declareStream(jsm, eventStream);
    await declareConsumer(jsm, 'clerk');
    await jsm.consumers.update(eventStream.name, 'clerk', { max_ack_pending: 7 });
    await expect(declareConsumer(jsm, 'clerk')).rejects.toThrow(/consumer clerk .*max_ack_pending is 7, not 200/);
    await jsm.streams.update(eventStream.name, { max_age: hour });
    await expect(declareStream(jsm, eventStream)).rejects.toThrow(
      /stream DESK_EVENTS .*max_age is 3600000000000, not 0/,
    );
    expect((await jsm.streams.info(eventStream.name)).config.max_age).toBe(hour);
    expect((await jsm.consumers.info(eventStream.name, 'clerk')).config.max_ack_pending).toBe(7);
  });
});
