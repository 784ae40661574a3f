import { pino } from 'pino';
import { createEventStoreDbEventStore } from '#packages/event-store/eventstoredb/store.ts';
import { startEventStoreDbFake } from '#tests/support/eventstoredb-fake/server.ts';
import { describeEventStore } from './event-store.ts';

const log = pino({ level: 'silent' });

describeEventStore('the event log in EventStoreDB (a fake of it)', async () => {
  const fake = await startEventStoreDbFake();
  return {
    connect: () => createEventStoreDbEventStore({ url: fake.url, log }),
    dispose: async () => fake.kill(),
  };
});
