import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { eventStream, headerNames } from '#contracts/bus.ts';
import { natsMissing } from '#tests/support/nats.ts';
import { openNatsDesk } from '#tests/support/nats-bus.ts';
import { urlOf } from '#tests/support/postgres.ts';
import { startProcess, type TestProcess } from '#tests/support/process.ts';

const patience = { timeout: 60_000, interval: 5 };
const total = 2_000;

describe.skipIf(natsMissing())('relay', () => {
  test('killed twice in the middle, each time longer than message ids are remembered: every event once and in order', async () => {
    const { append, connection, nats } = await openNatsDesk();
    for (let stream = 0; stream < total / 100; stream += 1)
      await append(
        `group-${stream}`,
        ...Array.from({ length: 100 }, (_, n) => ({ type: 'GroupRegistered', data: { name: `${n}` } }) as const),
      );
    const client = await nats.client();
    onTestFinished(() => client.close());
    const jsm = await client.jetstreamManager();
    const stored = async (): Promise<number> =>
      (await jsm.streams.names().next()).length === 0 ? 0 : (await jsm.streams.info(eventStream.name)).state.last_seq;

    const env = { DATABASE_URL: urlOf(connection), NATS_URL: nats.url };
    const relays: TestProcess[] = [];
    const start = () => {
      const relay = startProcess(['tests/support/relay-process.ts'], env);
      onTestFinished(() => relay.signal('SIGKILL'));
      relays.push(relay);
    };
    start();
    start();
    let reached = 0;
    for (let kill = 0; kill < 2; kill += 1) {
      await vi.waitFor(async () => expect(await stored()).toBeGreaterThan(reached + 200), patience);
      const active = relays.filter((relay) => relay.stdout().includes('active') && !relay.child.killed);
      expect(active).toHaveLength(1);
      active[0]?.signal('SIGKILL');
      await active[0]?.ended;
      start();
      reached = await stored();
      // In the middle, or this test would show nothing.
      expect(reached).toBeLessThan(total - 300);
    }
    await vi.waitFor(async () => expect(await stored()).toBe(total), patience);
    const positions: number[] = [];
    for (let seq = 1; seq <= total; seq += 1)
      positions.push(
        Number((await jsm.streams.getMessage(eventStream.name, { seq })).header.get(headerNames.position)),
      );
    expect(positions).toEqual(Array.from({ length: total }, (_, n) => n + 1));
  }, 180_000);
});
