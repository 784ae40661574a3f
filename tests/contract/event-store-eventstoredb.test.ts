import { pino } from 'pino';
import { test } from 'vitest';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import { startEventStoreDbFake } from '#tests/support/eventstoredb-fake/server.ts';
import { describeEventStore } from './event-store.ts';
import { describeAnswers } from './eventstoredb-answers.ts';

const log = pino({ level: 'silent' });
const url = process.env['EVENTSTORE_TEST_URL'];

async function openFake() {
  const fake = await startEventStoreDbFake();
  return {
    url: fake.url,
    connect: () => createEventStoreDbEventStore({ url: fake.url, log }),
    dispose: async () => fake.kill(),
  };
}

describeEventStore('the event log in EventStoreDB (fake)', openFake);
describeAnswers('EventStoreDB (fake)', openFake);

if (url) {
  const openServer = async () => ({
    url,
    connect: () => createEventStoreDbEventStore({ url, log }),
    dispose: async () => undefined,
  });
  describeEventStore('the event log in EventStoreDB (server)', openServer, { fresh: false });
  describeAnswers('EventStoreDB (server)', openServer);
} else
  test('the same on a real server', (context) => context.skip('EVENTSTORE_TEST_URL names no EventStoreDB to run on'));
