import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { startEventStoreDbFake } from '#tests/support/eventstoredb-fake/server.ts';
import { newTicketStream, notes } from '#tests/support/log-events.ts';
import { ids } from './event-store/context.ts';
import { following } from './event-store/following.ts';

/** Takes connections and never says a word, as behind a router that drops what comes. */
async function silentAddress(): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connect(url: string, options: Partial<Parameters<typeof createEventStoreDbEventStore>[0]> = {}) {
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
  const store = createEventStoreDbEventStore({ url, log, ...options });
  onTestFinished(() => store.close());
  return { store, warnings };
}

// The time limits are those of the tests: given up on nothing, each would take ten seconds.
test('a follower of a server that keeps silent stops at once, and that is no drop', async () => {
  const { store, warnings } = connect(`esdb://${await silentAddress()}?tls=false`);
  const follower = following(store, 0n);
  await sleep(200);
  await follower.stop();
  expect(warnings).toEqual([]);
}, 5_000);

test('so does one that is about to ask whether the log has gone on', async () => {
  const fake = await startEventStoreDbFake();
  onTestFinished(() => fake.kill());
  const { store, warnings } = connect(fake.url, { silenceMs: 100 });
  fake.faults.silent = true;
  const follower = following(store, 0n);
  await sleep(50);
  fake.faults.mute = true;
  await sleep(150);
  await follower.stop();
  expect(warnings).toEqual([]);
}, 5_000);

test('a read given up while a cluster is looked for costs that read, not the process', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const address = await silentAddress();
  const url = `esdb://${address},${address}?tls=false&gossipTimeout=1&maxDiscoverAttempts=1`;
  const { store } = connect(url, { readSilenceMs: 100 });
  await expect(store.head()).rejects.toMatchObject({ code: 'TIMEOUT' });
  // The client finds out in its own time that there is no cluster.
  const again = connect(url);
  await expect(again.store.head()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await sleep(200);
  expect(unhandled).toEqual([]);
});

test('an append that waited behind others until its deadline is never sent', async () => {
  const fake = await startEventStoreDbFake();
  onTestFinished(() => fake.kill());
  const { store } = connect(fake.url, { appendDeadlineMs: 300 });
  const stream = newTicketStream();
  fake.faults.unanswered = { count: 1, written: false };
  const waiting = [store.append(stream, 0, notes(1)), store.append(stream, 0, notes(1))];
  for (const append of waiting) await expect(append).rejects.toMatchObject({ code: 'TIMEOUT' });
  const events = notes(1);
  expect(await store.append(stream, 0, events)).toMatchObject({ version: 1 });
  expect(ids(await store.readStream(stream))).toEqual(ids(events));
});
