import { status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createCodec } from '#packages/event-store/codec.ts';
import { StreamGoneError } from '#packages/event-store/eventstoredb/errors.ts';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { type EventStoreDbFake, startEventStoreDbFake } from '#tests/support/eventstoredb-fake/server.ts';
import { newTicketStream, note, notes, priorityRaised } from '#tests/support/log-events.ts';
import { ids } from './event-store/context.ts';
import { following } from './event-store/following.ts';
import { expectNothingLost } from './event-store/kills.ts';

let fake: EventStoreDbFake;
let store: EventStore;
let stream: string;
let warnings: string[];

beforeEach(async () => {
  fake = await startEventStoreDbFake();
  warnings = [];
  store = connect();
  stream = newTicketStream();
});
afterEach(async () => {
  await store.close();
  fake.kill();
});

function connect(options: Partial<Parameters<typeof createEventStoreDbEventStore>[0]> = {}): EventStore {
  const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
  const connected = createEventStoreDbEventStore({ url: fake.url, log, ...options });
  onTestFinished(() => connected.close());
  return connected;
}

describe('an append to EventStoreDB', () => {
  test('that is written and never answered rejects with TIMEOUT, and repeated has its first outcome', async () => {
    const hasty = connect({ appendDeadlineMs: 300 });
    const events = notes(2);
    fake.faults.unanswered = { count: 1, written: true };
    await expect(hasty.append(stream, 0, events)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(await hasty.append(stream, 0, events)).toMatchObject({ version: 2, duplicate: true });
    expect(ids(await store.readStream(stream))).toEqual(ids(events));
  });

  test.each([true, false])(
    'that gets no answer at first is sent again (written: %s), and is its own',
    async (written) => {
      const events = notes(3);
      fake.faults.unanswered = { count: 1, written };
      expect(await store.append(stream, 0, events)).toMatchObject({ version: 3, duplicate: false });
      expect(ids(await store.readStream(stream))).toEqual(ids(events));
    },
  );

  test.each([
    { what: 'another node leads', error: () => fake.notLeader() },
    { what: 'the server is not there', error: () => ({ code: status.UNAVAILABLE }) },
    { what: 'the server boots', error: () => ({ code: status.UNKNOWN, details: 'Server Is Not Ready' }) },
    { what: 'the server gives up', error: () => ({ code: status.ABORTED }) },
    { what: 'the server goes down', error: () => ({ code: status.INTERNAL, details: 'Received RST_STREAM' }) },
  ])('is sent again when $what', async ({ error }) => {
    fake.faults.failing = { count: 2, error: error() };
    expect(await store.append(stream, 0, notes(2))).toMatchObject({ version: 2, duplicate: false });
  });

  test('that the server denies is not sent again', async () => {
    fake.faults.failing = { count: 1, error: { code: status.UNAUTHENTICATED } };
    await expect(store.append(stream, 0, notes(1))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(fake.faults.failing.count).toBe(0);
    expect(await store.readStream(stream)).toEqual([]);
  });

  test('to a tombstoned stream fails for good, to one that was deleted softly goes on', async () => {
    await store.append(stream, 0, notes(2));
    fake.log.remove(stream, 'deleted');
    expect(await store.readStream(stream)).toEqual([]);
    expect(await store.append(stream, 0, notes(1))).toMatchObject({ version: 3, duplicate: false });
    fake.log.remove(stream, 'tombstoned');
    await expect(store.append(stream, 3, notes(1))).rejects.toBeInstanceOf(StreamGoneError);
  });

  test('at the limit of the server that this process counts differently is too large', async () => {
    const { type, data, metadata } = note();
    const bytes = type.length + JSON.stringify(data).length + JSON.stringify(metadata).length;
    const almost = note('x'.repeat(1024 * 1024 - bytes));
    await expect(store.append(stream, 0, [almost])).rejects.toMatchObject({ code: 'EVENT_TOO_LARGE' });
  });

  test('goes through kills of the server: nothing lost, nothing doubled, nothing out of order', async () => {
    await expectNothingLost(store, async () => {
      for (let kill = 0; kill < 3; kill += 1) {
        await sleep(100);
        await fake.restart();
      }
    });
  });
});

describe('a follower of EventStoreDB', () => {
  test.each(['stopped', 'unavailable', 'end'] as const)(
    'goes on after a drop (%s) without gap or repeat',
    async (how) => {
      const follower = following(store, 0n);
      await store.append(stream, 0, notes(3));
      await follower.until(() => follower.events.length === 3);
      fake.drop(how);
      await store.append(stream, 3, notes(3));
      await follower.until(() => follower.events.length >= 6);
      await follower.stop();
      expect(follower.events.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(warnings.join('')).toContain('subscription to the event log dropped');
    },
  );

  test('waits for a server that is not there yet', async () => {
    fake.kill();
    const follower = following(store, 0n);
    await sleep(300);
    await fake.restart();
    await store.append(stream, 0, notes(2));
    await follower.until(() => follower.events.length === 2);
    await follower.stop();
  });

  test('notices that the server sends nothing, and subscribes again', async () => {
    const watchful = connect({ silenceMs: 100 });
    fake.faults.silent = true;
    const follower = following(watchful, 0n);
    await store.append(stream, 0, notes(2));
    await follower.until(() => warnings.some((line) => line.includes('sends nothing although the log goes on')));
    fake.heal();
    await follower.until(() => follower.events.length === 2);
    await follower.stop();
  });

  test('does not take a quiet log for a silent server', async () => {
    await store.append(stream, 0, notes(1));
    const follower = following(connect({ silenceMs: 30 }), 0n);
    await sleep(300);
    await store.append(stream, 1, notes(1));
    await follower.until(() => follower.events.length === 2);
    await follower.stop();
    expect(warnings).toEqual([]);
  });

  test('says so when the server lost its log, instead of waiting in silence', async () => {
    const { position } = await store.append(stream, 0, notes(50));
    await fake.restart();
    fake.log.wipe();
    const follower = following(store, position);
    await follower.until(() => warnings.some((line) => line.includes('lost its log or is another one')));
    await follower.stop();
    expect(follower.events).toEqual([]);
  });

  test('knows the end of the log on servers that do not tell (22.10)', async () => {
    fake.faults.sendsCaughtUp = false;
    await store.append(stream, 0, notes(5));
    const head = await store.head();
    for await (const page of store.subscribe(0n, { limit: 2, signal: AbortSignal.timeout(10_000) }))
      if (page.atEnd) {
        expect(page.scannedTo).toBe(head);
        return;
      }
    expect.unreachable();
  });

  test('that is slow gets everything, in pages no larger than it asked for', async () => {
    const events = notes(1500);
    for (let version = 0; version < events.length; version += 500)
      await store.append(stream, version, events.slice(version, version + 500));
    const seen: string[] = [];
    for await (const page of store.subscribe(0n, { limit: 400, signal: AbortSignal.timeout(20_000) })) {
      expect(page.events.length).toBeLessThanOrEqual(400);
      await sleep(5);
      seen.push(...ids(page.events));
      if (page.atEnd) break;
    }
    expect(seen).toEqual(ids(events));
  });
});

test('events of the server are nobody’s business', async () => {
  const first = await store.append(stream, 0, notes(1));
  for (let written = 0; written < 40; written += 1) fake.log.system('$stats-0', '$statsCollected');
  fake.log.system('ordinary', '$>');
  expect(await store.head()).toBe(first.position);
  expect(await store.readAll(first.position)).toEqual({ events: [], scannedTo: first.position, atEnd: true });
  const second = await store.append(stream, 1, notes(1));
  for (const limit of [1, 2, 1000])
    expect((await store.readAll(first.position, { limit })).events).toMatchObject([{ position: second.position }]);
  expect((await store.readAll(0n)).events).toHaveLength(2);
});

test('old shapes are lifted wherever they are read', async () => {
  const codec = createCodec({ TicketPriorityChanged: [(data) => ({ ...(data as object), reason: 'unknown' })] });
  const lifting = connect({ codec });
  await store.append(stream, 0, [priorityRaised()]);
  const lifted = [{ data: { from: 'normal', to: 'high', reason: 'unknown' }, metadata: { schema: 2 } }];
  expect(await lifting.readStream(stream)).toMatchObject(lifted);
  expect((await lifting.readAll(0n)).events).toMatchObject(lifted);
  for await (const page of lifting.subscribe(0n, { signal: AbortSignal.timeout(10_000) })) {
    expect(page.events).toMatchObject(lifted);
    break;
  }
});

test('without a server everything rejects with STORE_UNAVAILABLE, and a follower waits', async () => {
  fake.kill();
  const away = connect({ appendDeadlineMs: 500 });
  const unavailable = { code: 'STORE_UNAVAILABLE' };
  await expect(away.append(stream, 0, notes(1))).rejects.toMatchObject(unavailable);
  await expect(away.readStream(stream)).rejects.toMatchObject(unavailable);
  await expect(away.readAll(0n, { types: ['TicketCreated'] })).rejects.toMatchObject(unavailable);
  await expect(away.head()).rejects.toMatchObject(unavailable);
  expect(await Array.fromAsync(away.subscribe(0n, { signal: AbortSignal.timeout(200) }))).toEqual([]);
});
