import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { EventStore } from '#packages/event-store/port.ts';
import { followSettings } from '#packages/settings/settings.ts';

/** A log that nothing is appended to. */
const emptyLog: Pick<EventStore, 'readAll' | 'subscribe'> = {
  readAll: async () => ({ events: [], scannedTo: 0n, atEnd: true }),
  async *subscribe(_after, { signal }) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  },
};

it('waits no longer for what it will never know once it is stopped, and holds nobody up meanwhile', async () => {
  const settings = await followSettings({ store: emptyLog as EventStore, log: pino({ level: 'silent' }) });
  const waiting = settings.reached(1n, 60_000);
  await settings.stop();
  expect(await waiting).toBe(false);
});
