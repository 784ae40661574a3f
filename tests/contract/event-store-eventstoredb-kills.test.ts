import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { retry, sleep } from '#packages/kernel/retry.ts';
import { eventStoreDbNodes } from '#tests/support/eventstoredb-nodes.ts';
import { expectNothingLost } from './event-store/kills.ts';

const url = process.env['EVENTSTORE_TEST_URL'];
const nodes = eventStoreDbNodes();

if (url && nodes)
  describe(`a real EventStoreDB of ${nodes.count} node(s) that is killed`, () => {
    let store: EventStore;
    beforeAll(async () => {
      nodes.startAll();
      store = createEventStoreDbEventStore({ url, log: pino({ level: 'silent' }) });
      await retry(() => store.head(), { attempts: 200, minMs: 200, maxMs: 500, retryable: () => true });
    }, 120_000);
    afterAll(async () => {
      await store.close();
      await nodes.killAll();
    });

    test('with SIGKILL, each node twice in turn: nothing lost, nothing doubled, nothing out of order', async () => {
      const events = await expectNothingLost(store, async () => {
        for (let kill = 0; kill < 2 * nodes.count; kill += 1) {
          await sleep(2_000);
          await nodes.kill(kill % nodes.count);
          await sleep(500);
          nodes.start(kill % nodes.count);
          // Two of three must be there, so that a node may only go when the last one is back.
          await sleep(nodes.count > 1 ? 10_000 : 2_000);
        }
      });
      expect(events).toBeGreaterThan(300);
      console.log(`${2 * nodes.count} kills, ${events} events, all there, once and in order`);
    }, 300_000);
  });
else
  test('a real EventStoreDB that is killed', (context) =>
    context.skip('EVENTSTORE_TEST_URL and EVENTSTORE_TEST_NODES name no server whose nodes may be killed'));
