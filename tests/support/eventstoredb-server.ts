import { pino } from 'pino';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import { retry, sleep } from '#packages/kernel/retry.ts';
import { startEventStoreDbFake } from './eventstoredb-fake/server.ts';
import { eventStoreDbNodes } from './eventstoredb-nodes.ts';

export type TestEventStoreDb = {
  readonly url: string;
  /** Kills it as SIGKILL does and brings it back with its log; nothing when nobody said how (EVENTSTORE_TEST_NODES). */
  interrupt(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * EventStoreDB with an empty log for a whole desk: the server that the variable or else
 * `EVENTSTORE_TEST_URL` names, otherwise the fake. Rejects when
 * that server has a log already, as desks of different databases cannot share one.
 */
export async function startEventStoreDb(variable: string): Promise<TestEventStoreDb> {
  const url = process.env[variable] ?? process.env['EVENTSTORE_TEST_URL'];
  return url ? await openServer(url) : await openFake();
}

async function openFake(): Promise<TestEventStoreDb> {
  const fake = await startEventStoreDbFake();
  return {
    url: fake.url,
    interrupt: async () => {
      fake.kill();
      await sleep(1_000);
      await fake.restart();
    },
    stop: async () => fake.kill(),
  };
}

async function openServer(url: string): Promise<TestEventStoreDb> {
  const nodes = eventStoreDbNodes();
  nodes?.startAll();
  const store = createEventStoreDbEventStore({ url, log: pino({ level: 'silent' }) });
  const ready = () => retry(() => store.head(), { attempts: 120, minMs: 200, maxMs: 500, retryable: () => true });
  try {
    if ((await ready()) > 0n) throw new Error('EVENTSTORE_TEST_URL must name a server with an empty log');
  } finally {
    await store.close();
  }
  return {
    url,
    interrupt: async () => {
      await nodes?.killAll();
      nodes?.startAll();
    },
    stop: async () => nodes?.killAll(),
  };
}
