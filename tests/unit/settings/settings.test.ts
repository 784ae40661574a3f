import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { EventStore, LogPage, StoredEvent } from '#packages/event-store/port.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { followSettings } from '#packages/settings/settings.ts';

const log = pino({ level: 'silent' });
const nothing: LogPage = { events: [], scannedTo: 0n, atEnd: true };
async function* untilAborted(signal: AbortSignal): AsyncGenerator<LogPage> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  yield nothing;
}

/** A log that nothing is appended to. */
const emptyLog: Pick<EventStore, 'readAll' | 'subscribe'> = {
  readAll: async () => nothing,
  subscribe: (_after, { signal }) => untilAborted(signal),
};

it('waits no longer for what it will never know once it is stopped, and holds nobody up meanwhile', async () => {
  const settings = await followSettings({ store: emptyLog as EventStore, log });
  const waiting = settings.reached(1n, 60_000);
  await settings.stop();
  expect(await waiting).toBe(false);
});

it('says why it cannot follow the settings, tries on, and knows all of them once it can', async () => {
  const saved = {
    type: 'SettingSaved',
    position: 7n,
    data: { kind: 'mailbox', id: 'support', revision: 1, value: { name: 'Support' } },
    metadata: { at: '2026-11-22T12:00:00.000Z', actor: { kind: 'service', id: 'tests' } },
  } as unknown as StoredEvent;
  let readable = true;
  const read = async (after: bigint): Promise<LogPage> => {
    if (!readable) throw new AppError('INTERNAL', { detail: 'an event that cannot be decoded' });
    return after < 7n && subscribed ? { events: [saved], scannedTo: 7n, atEnd: true } : nothing;
  };
  let subscribed = false;
  const store: typeof emptyLog = {
    readAll: read,
    async *subscribe(after, { signal }) {
      subscribed = true;
      if (after >= 7n) return yield* untilAborted(signal);
      readable = false;
      yield await read(after);
    },
  };
  const settings = await followSettings({ store: store as EventStore, log });
  await expect.poll(() => settings.failure()).toBe('an event that cannot be decoded');
  expect(settings.current().inForce('mailbox')).toEqual([]);
  readable = true;
  expect(await settings.reached(7n, 20_000)).toBe(true);
  expect(
    settings
      .current()
      .inForce('mailbox')
      .map(({ id }) => id),
  ).toEqual(['support']);
  await expect.poll(() => settings.failure()).toBe(null);
  await settings.stop();
});
