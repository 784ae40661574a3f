import { status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import { sleep } from '#packages/kernel/retry.ts';
import { createCertificate, opensslMissing } from '#tests/support/certificate.ts';
import { startEventStoreDbFakeCluster } from '#tests/support/eventstoredb-fake/cluster.ts';
import { type EventStoreDbFake, startEventStoreDbFake } from '#tests/support/eventstoredb-fake/server.ts';
import { newTicketStream, note, notes } from '#tests/support/log-events.ts';
import { ids } from './event-store/context.ts';
import { following } from './event-store/following.ts';
import { expectNothingLost } from './event-store/kills.ts';

let lines: string[] = [];
afterEach(() => {
  lines = [];
});

function connect(url: string, appendDeadlineMs = 10_000) {
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const store = createEventStoreDbEventStore({ url, log, appendDeadlineMs });
  onTestFinished(() => store.close());
  return store;
}

describe('a connection string', () => {
  test.each([
    { url: 'https://127.0.0.1:2113', why: 'not an address of EventStoreDB' },
    { url: 'esdb://db.example:2113', why: 'needs user and password' },
    { url: 'esdb+discover://a.example,b.example?tls=true', why: 'needs user and password' },
    { url: 'esdb://desk:secret@10.0.0.5:2113', why: 'needs the name of the host instead of 10.0.0.5' },
    { url: 'esdb://desk:secret@a.example,10.0.0.5', why: 'needs the name of the host instead of 10.0.0.5' },
    { url: 'esdb://desk:secret@db.example:21x13', why: 'expected hosts as name:port' },
    { url: 'esdb://desk:secret@db.example?tls=perhaps', why: 'expected true or false at character 35' },
    { url: 'esdb://desk:secret@db.example?tlsCAFile=/nowhere.pem', why: 'Failed to load certificate file' },
    { url: 'esdb://desk:sec@ret@db.example', why: 'expected hosts as name:port' },
    { url: 'esdb://desk:sec%ret@db.example', why: 'must be percent-encoded' },
    { url: 'esdb://desk:secret@db.example?throwOnAppendFailure=false', why: 'throwOnAppendFailure' },
    { url: 'esdb://desk:secret@db.example?tls_verify_cert=False', why: 'tlsVerifyCert=false cannot be used' },
    { url: 'esdb://desk:secret@db.example?tls=true&tlsVerify%43ert=false', why: 'an option that is none; there are' },
    { url: 'esdb://desk:sec?ret=1@db.example', why: 'an option that is none; there are' },
  ])('$url is refused, without a word of the password', ({ url, why }) => {
    const warned = vi.spyOn(console, 'warn');
    onTestFinished(() => warned.mockRestore());
    expect(() => connect(url)).toThrow(why);
    expect(() => connect(url)).not.toThrow(/sec.?ret/);
    expect(warned.mock.calls.join()).toBe('');
  });

  test.each([
    'esdb://desk:se%3Acret@db.example:2113',
    'esdb+discover://desk:secret@a.example:2113,b.example:2113',
    'esdb://10.0.0.5:2113?TLS=false',
    'esdb://desk:secret@db.example?keep-alive-interval=20000&NODE_PREFERENCE=leader&tlsVerifyCert=true',
  ])('%s is taken', async (url) => {
    await connect(url).close();
  });
});

const missing = opensslMissing();

describe.skipIf(missing !== null)('EventStoreDB with TLS', () => {
  let certificate: Awaited<ReturnType<typeof createCertificate>>;
  let fake: EventStoreDbFake;
  beforeAll(async () => {
    certificate = await createCertificate();
    fake = await startEventStoreDbFake({ certificate, user: { name: 'desk', password: 'c0rrect' } });
  });
  afterAll(async () => {
    fake.kill();
    await certificate.remove();
  });

  test('takes user and password on every kind of call', async () => {
    const store = connect(fake.url);
    const stream = newTicketStream();
    const follower = following(store, await store.head());
    const events = notes(3);
    const { position } = await store.append(stream, 0, events);
    expect(ids(await store.readStream(stream))).toEqual(ids(events));
    expect(await store.head()).toBe(position);
    await follower.until(() => follower.events.length === 3);
    await follower.stop();
  });

  test('refuses a wrong password at once, says so to the operator and never names it', async () => {
    const store = connect(fake.url.replace('c0rrect', 'wr0ng'));
    const denied = { code: 'STORE_UNAVAILABLE', cause: { type: 'access-denied' } };
    const stopping = AbortSignal.timeout(500);
    await expect(store.append(newTicketStream(), 0, [note()])).rejects.toMatchObject(denied);
    await expect(store.readStream('ticket-1')).rejects.toMatchObject(denied);
    await expect(store.head()).rejects.toMatchObject(denied);
    expect(await Array.fromAsync(store.subscribe(0n, { signal: stopping }))).toEqual([]);
    expect(lines.join()).toContain('UNAUTHENTICATED');
    expect(lines.join()).not.toContain('wr0ng');
    expect(lines.join()).not.toContain(Buffer.from('desk:wr0ng').toString('base64'));
  });

  test('that is not trusted, or speaks no TLS, cannot be reached, and the reason is told', async () => {
    const stranger = connect(fake.url.replace(/\?.*/, ''), 500);
    await expect(stranger.head()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      cause: { message: expect.stringMatching(/self-signed certificate/) },
    });
    const plain = connect(`esdb://localhost:${fake.port}?tls=false`, 500);
    await expect(plain.head()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(plain.append(newTicketStream(), 0, [note()])).rejects.toMatchObject({
      code: /STORE_UNAVAILABLE|TIMEOUT/,
    });
  });
});

test('a cluster that cannot be found costs the calls, not the process', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const cluster = await startEventStoreDbFakeCluster();
  onTestFinished(() => cluster.kill());
  const [leader] = cluster.nodes;
  const store = connect(`${cluster.url}&maxDiscoverAttempts=3`, 1_000);
  const follower = following(store, 0n);
  await store.append(newTicketStream(), 0, notes(1));
  await follower.until(() => follower.events.length === 1);
  // A call fails, the next one looks for a leader in vain, and while it does the subscription drops on the old connection.
  cluster.hideMembers();
  Object.assign(leader!.faults, { failing: { count: 1, error: { code: status.UNAVAILABLE } } });
  const append = store.append(newTicketStream(), 0, notes(1));
  await sleep(150);
  leader!.drop('unavailable');
  await expect(append).rejects.toMatchObject({ code: /STORE_UNAVAILABLE|TIMEOUT/ });
  await follower.stop();
  expect(unhandled).toEqual([]);
});

describe('a cluster of EventStoreDB', () => {
  const open = async () => {
    const cluster = await startEventStoreDbFakeCluster();
    onTestFinished(() => cluster.kill());
    return cluster;
  };

  test('is asked who leads, and found by any of its nodes', async () => {
    const cluster = await open();
    cluster.elect(2);
    const events = notes(2);
    const stream = newTicketStream();
    await connect(cluster.url).append(stream, 0, events);
    cluster.nodes[1]?.kill();
    expect(ids(await connect(cluster.url).readStream(stream))).toEqual(ids(events));
  });

  test('that elects another leader is followed there: no call fails, whichever comes first', async () => {
    const cluster = await open();
    const [store, reader, idle] = [connect(cluster.url), connect(cluster.url), connect(cluster.url)];
    const stream = newTicketStream();
    await store.append(stream, 0, notes(1));
    for (const one of [reader, idle]) await one.head();
    cluster.elect(1);
    await store.append(stream, 1, notes(1));
    expect(await reader.readStream(stream)).toHaveLength(2);
    expect(await idle.head()).toBeGreaterThan(0n);
  });

  test('of which one node is named and does not lead is followed to the leader', async () => {
    const cluster = await open();
    const follower = connect(`esdb://127.0.0.1:${cluster.nodes[2]?.port}?tls=false`);
    expect(await follower.head()).toBe(0n);
    expect(await follower.append(newTicketStream(), 0, notes(1))).toMatchObject({ version: 1 });
  });

  test('loses nothing when leaders change and die under work', async () => {
    const cluster = await open();
    await expectNothingLost(connect(cluster.url), async () => {
      for (const leader of [1, 2, 0]) {
        await sleep(150);
        cluster.elect(leader);
        await cluster.nodes[(leader + 2) % 3]?.restart();
      }
    });
  });
});
