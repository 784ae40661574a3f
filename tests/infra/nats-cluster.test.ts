import type { JetStreamManager } from 'nats';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deadLetterStream, eventStream } from '#contracts/bus.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { openNats } from '#packages/message-bus/nats/open.ts';
import { startRelay } from '#services/relay/service.ts';
import { toolMissing } from '#tests/support/infra.ts';
import { type NatsNode, startNatsCluster } from '#tests/support/nats-cluster.ts';
import { log, openDesk } from '#tests/support/read-models.ts';
import { appendAll, createStory } from '#tests/support/story.ts';

const patience = { timeout: 60_000, interval: 100 };
const groupOf = (n: number) => `group-${`${n}`.padStart(8, '0')}-0000-4000-8000-000000000000`;

describe.skipIf(toolMissing('nats-server') !== null)('infra/nats/cluster.conf', () => {
  it('makes three servers, of which any one may be killed: no event is lost, doubled or out of order', async () => {
    const cluster = await startNatsCluster();
    onTestFinished(() => cluster.stop());
    const { connection, pool, store } = await openDesk();
    const open = async (user: 'relay' | 'services' | 'operator') => {
      const opened = openNats({ access: await cluster.accessOf(user), connection, pool, store, log });
      onTestFinished(() => opened.close());
      return opened;
    };
    const relay = await startRelay({ connection, pool, store, publisher: (await open('relay')).publisher, log });
    onTestFinished(() => relay.stop());
    const story = createStory();
    let appended = 0;
    const append = async (count: number) => {
      const groups = Array.from({ length: count }, (_, n) => groupOf(appended + n));
      appended += count;
      const registered = { type: 'GroupRegistered', data: { name: 'Support' } } as const;
      await appendAll(
        store,
        groups.map((stream) => story.add(stream, registered)),
      );
    };
    await append(20);
    await expect.poll(() => relay.status().position, patience).toBe(20n);

    const operator = (await open('operator')).link;
    const manage = async <T>(work: (jsm: JetStreamManager) => Promise<T>): Promise<T> =>
      work(await (await operator.soon()).jetstreamManager());
    const replicate = (stream: string) => manage((jsm) => jsm.streams.update(stream, { num_replicas: 3 }));
    // Before there are consumers: one that is given replicas later may find no leader, if its server goes right then.
    await replicate(eventStream.name);
    const streamGroup = async (jsm: JetStreamManager) => (await jsm.streams.info(eventStream.name)).cluster;
    const whole = (look: typeof streamGroup) => async () => {
      const group = await manage(look).catch(() => undefined);
      return Boolean(group?.leader) && group?.replicas?.filter(({ current }) => current).length === 2;
    };
    await expect.poll(whole(streamGroup), patience).toBe(true);

    const services = await open('services');
    const seen: string[] = [];
    const spec = { name: 'cluster-test', types: ['GroupRegistered'] } as const;
    const consumption = await services.bus.consume(spec, async ({ stream }: StoredEvent) => void seen.push(stream));
    onTestFinished(() => consumption.stop());
    const all = () => expect.poll(() => seen, patience).toEqual(Array.from({ length: appended }, (_, n) => groupOf(n)));
    await all();
    await replicate(deadLetterStream.name);
    const consumerGroup = async (jsm: JetStreamManager) =>
      (await jsm.consumers.info(eventStream.name, spec.name)).cluster;
    await expect.poll(whole(consumerGroup), patience).toBe(true);
    expect((await services.monitor.report()).drift).toEqual([]);

    for (let kill = 0; kill < 2; kill += 1) {
      const node = Number((await manage(streamGroup))?.leader?.slice('nats-'.length)) as NatsNode;
      const work = append(50);
      await cluster.kill(node);
      await work;
      await append(50);
      await all();
      cluster.start(node);
      for (const group of [streamGroup, consumerGroup]) await expect.poll(whole(group), patience).toBe(true);
    }
    expect((await manage((jsm) => jsm.streams.info(eventStream.name))).state.messages).toBe(appended);
    await expect.poll(() => relay.status().position, patience).toBe(await store.head());
  }, 240_000);
});
