import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { eventStream } from '#contracts/bus.ts';
import type { DeskEvent } from '#contracts/events/all.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { openNats } from '#packages/message-bus/nats/open.ts';
import { startRelay } from '#services/relay/service.ts';
import { keepLog } from '#tests/support/log-lines.ts';
import { natsMissing } from '#tests/support/nats.ts';
import { openNatsDesk } from '#tests/support/nats-bus.ts';
import { openDesk } from '#tests/support/read-models.ts';
import { appendAll, createStory } from '#tests/support/story.ts';

const named = (name: string): DeskEvent => ({ type: 'GroupRegistered', data: { name } });
const nameOf = (event: StoredEvent) => (event.type === 'GroupRegistered' ? event.data.name : event.type);
const patience = { timeout: 40_000, interval: 20 };
const spec = { name: 'clerk', types: ['GroupRegistered'] } as const;

describe.skipIf(natsMissing())('faults of the broker', () => {
  const open = async (options: Parameters<typeof openNatsDesk>[0] = {}) => {
    const { lines, log } = keepLog('warn');
    const desk = await openNatsDesk({ log, ...options });
    const client = await desk.nats.client();
    onTestFinished(() => client.close());
    const jsm = await client.jetstreamManager();
    const seen: string[] = [];
    return {
      ...desk,
      ...{ client, jsm, seen },
      said: (text: RegExp) => lines.filter(({ msg }) => text.test(msg)).length,
      consume: async () => {
        const running = await desk.open().bus.consume(spec, async (event) => void seen.push(nameOf(event)));
        onTestFinished(() => running.stop());
        return running;
      },
    };
  };

  test('a stream that is deleted while all run gets the whole log again, and nothing has a second effect', async () => {
    const { append, consume, jsm, relay, seen } = await open();
    const running = await relay();
    const consumption = await consume();
    await append('group-1', named('a'), named('b'));
    await vi.waitFor(() => expect(consumption.position()).toBe(2n), patience);
    await jsm.streams.delete(eventStream.name);
    await append('group-1', named('c'));
    await vi.waitFor(() => expect(consumption.position()).toBe(3n), patience);
    expect(seen).toEqual(['a', 'b', 'c']);
    await vi.waitFor(() => expect(running.status().position).toBe(3n), patience);
    expect((await jsm.streams.info(eventStream.name)).state.messages).toBe(3);
  }, 90_000);

  test('a stream that is purged while all run goes on behind it', async () => {
    const { append, consume, jsm, relay, seen } = await open();
    await relay();
    const consumption = await consume();
    await append('group-1', named('a'), named('b'));
    await vi.waitFor(() => expect(consumption.position()).toBe(2n), patience);
    await jsm.streams.purge(eventStream.name);
    await append('group-1', named('c'));
    await vi.waitFor(() => expect(seen).toEqual(['a', 'b', 'c']), patience);
  }, 60_000);

  test('a stream that has reached its bytes holds the relay up, says so once, and loses nothing', async () => {
    const { append, jsm, relay, said } = await open();
    const running = await relay();
    await append('group-1', named('a'));
    await vi.waitFor(() => expect(running.status().position).toBe(1n), patience);
    const { bytes } = (await jsm.streams.info(eventStream.name)).state;
    await jsm.streams.update(eventStream.name, { max_bytes: bytes + 100 });
    await append('group-2', named('b'), named('c'));
    await vi.waitFor(() => expect(said(/relay cannot go on.*maximum bytes/)).toBe(1), patience);
    await new Promise((done) => setTimeout(done, 2_000));
    expect(said(/relay cannot go on.*maximum bytes/)).toBe(1);
    await jsm.streams.update(eventStream.name, { max_bytes: -1 });
    await vi.waitFor(() => expect(running.status().position).toBe(3n), patience);
    expect((await jsm.streams.info(eventStream.name)).state.messages).toBe(3);
  }, 60_000);

  test('a server that takes smaller messages than usual: what is too large travels without its body', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'deskledger-nats-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    await writeFile(join(dir, 'nats.conf'), 'max_payload: 32KB\nmax_pending: 64KB');
    const { append, consume, jsm, relay, seen } = await open({ args: ['-c', join(dir, 'nats.conf')] });
    await relay();
    await consume();
    const large = 'x'.repeat(200_000);
    await append('group-1', named('a'), named(large), named('b'));
    await vi.waitFor(() => expect(seen).toEqual(['a', large, 'b']), patience);
    expect((await jsm.streams.getMessage(eventStream.name, { seq: 1 })).data.byteLength).toBeGreaterThan(0);
    expect((await jsm.streams.getMessage(eventStream.name, { seq: 2 })).data.byteLength).toBe(0);
  }, 60_000);

  test('a stream that takes smaller messages than its server does the same', async () => {
    const { append, consume, jsm, relay, seen } = await open();
    const first = await relay();
    await append('group-1', named('a'));
    await vi.waitFor(() => expect(first.status().position).toBe(1n), patience);
    await first.stop();
    await jsm.streams.update(eventStream.name, { max_msg_size: 20_000 });
    await relay();
    await consume();
    const large = 'x'.repeat(100_000);
    await append('group-1', named(large), named('b'));
    await vi.waitFor(() => expect(seen).toEqual(['a', large, 'b']), patience);
  }, 60_000);

  test('a message with a damaged body is read from the log', async () => {
    const { append, client, consume, jsm, relay, said, seen } = await open();
    await append('group-1', named('a'));
    const first = await relay();
    await vi.waitFor(() => expect(first.status().position).toBe(1n), patience);
    await first.stop();
    const { header: headers, subject } = await jsm.streams.getMessage(eventStream.name, { seq: 1 });
    await jsm.streams.deleteMessage(eventStream.name, 1, false);
    for (const name of ['Nats-Msg-Id', 'Nats-Expected-Last-Sequence']) headers.delete(name);
    await client.jetstream().publish(subject, Buffer.from('{"data":'), { headers });
    await relay();
    await consume();
    await append('group-1', named('b'));
    await vi.waitFor(() => expect(seen).toEqual(['a', 'b']), patience);
    expect(said(/corrupt, its event is read from the log/)).toBe(1);
  }, 60_000);

  test('a consumer that is changed while the desk runs is named, serves nothing, and goes on when it is mended', async () => {
    const { append, consume, jsm, relay, said, seen } = await open();
    await relay();
    const consumption = await consume();
    await append('group-1', named('a'));
    await vi.waitFor(() => expect(consumption.position()).toBe(1n), patience);
    await jsm.consumers.update(eventStream.name, spec.name, { max_ack_pending: 7 });
    await vi.waitFor(() => expect(said(/clerk cannot go on.*max_ack_pending is 7, not 200/)).toBe(1), patience);
    await append('group-1', named('b'));
    await new Promise((done) => setTimeout(done, 1_500));
    expect(seen).toEqual(['a']);
    await jsm.consumers.update(eventStream.name, spec.name, { max_ack_pending: 200 });
    await vi.waitFor(() => expect(seen).toEqual(['a', 'b']), patience);
  }, 90_000);

  test('a server that says nothing about stream and consumer is told of once, and events go on when it does', async () => {
    const { append, consume, nats, relay, said, seen } = await open();
    await relay();
    await consume();
    await append('group-1', named('a'));
    await vi.waitFor(() => expect(seen).toEqual(['a']), patience);
    await nats.kill();
    await vi.waitFor(() => expect(said(/NATS does not tell how stream and consumer are/)).toBe(1), patience);
    await nats.start();
    await append('group-1', named('b'));
    await vi.waitFor(() => expect(seen).toEqual(['a', 'b']), patience);
    expect(said(/NATS does not tell how stream and consumer are/)).toBe(1);
  }, 90_000);

  test('a stream filled from another log is left alone by relay and consumers', async () => {
    const { append, jsm, nats, relay } = await open();
    const running = await relay();
    await append('group-1', named('a'), named('b'));
    await vi.waitFor(() => expect(running.status().position).toBe(2n), patience);
    await running.stop();

    const { connection, pool, store } = await openDesk();
    const story = createStory();
    await appendAll(store, [story.add('group-9', named('of another log')), story.add('group-9', named('too'))]);
    const { lines, log } = keepLog('warn');
    const other = openNats({ access: { url: nats.url }, connection, pool, store, log });
    onTestFinished(() => other.close());
    const seen: string[] = [];
    const consumption = await other.bus.consume(spec, async (event) => void seen.push(nameOf(event)));
    onTestFinished(() => consumption.stop());
    const stranger = await startRelay({ connection, pool, store, publisher: other.publisher, log });
    onTestFinished(() => stranger.stop());
    for (const who of ['relay', 'clerk'])
      await vi.waitFor(
        () =>
          expect(
            lines.filter(({ msg }) => msg.startsWith(`${who} cannot go on`) && msg.includes('another log')),
          ).toHaveLength(1),
        patience,
      );
    expect(seen).toEqual([]);
    expect((await jsm.streams.info(eventStream.name)).state.last_seq).toBe(2);
  }, 60_000);

  test('operators are told of connection, lag, drift and dead letters', async () => {
    const { append, jsm, nats, open: connect, relay } = await open();
    const { bus, monitor } = connect();
    const running = await relay();
    const consumption = await bus.consume({ ...spec, maxAttempts: 1 }, async (event) => {
      if (nameOf(event) === 'bad') throw new Error('never');
    });
    onTestFinished(() => consumption.stop());
    await append('group-1', named('a'), named('bad'));
    await vi.waitFor(async () => {
      expect(await monitor.report()).toEqual({
        consumers: [{ name: 'clerk', pending: 0, inHand: 0, redelivered: 0 }],
        deadLetters: new Map([['clerk', 1]]),
        relayLag: 0,
        drift: [],
      });
    }, patience);
    expect(monitor.connection()).toMatchObject({ connected: true });
    await running.stop();
    await append('group-1', named('b'));
    expect(await monitor.report()).toMatchObject({ relayLag: 1 });
    await jsm.streams.update(eventStream.name, { max_age: 3_600_000_000_000 });
    expect((await monitor.report()).drift).toEqual([expect.stringMatching(/stream DESK_EVENTS .*max_age/)]);
    await nats.kill();
    await vi.waitFor(() => expect(monitor.connection()).toMatchObject({ connected: false }), patience);
    await expect(monitor.report()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  }, 60_000);
});
