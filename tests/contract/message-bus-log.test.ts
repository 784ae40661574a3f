import { expect, onTestFinished, test, vi } from 'vitest';
import type { DeskEvent } from '#contracts/events/all.ts';
import { createDeadLetters } from '#packages/message-bus/dead-letters.ts';
import { createLogBus } from '#packages/message-bus/log-follower.ts';
import type { Handler } from '#packages/message-bus/port.ts';
import { placeSetter, vanisher } from '#tests/support/place.ts';
import { log, openDesk } from '#tests/support/read-models.ts';
import { appendAll, createStory } from '#tests/support/story.ts';
import { describeMessageBus } from './message-bus.ts';

async function openLogBus() {
  const { connection, pool, store } = await openDesk();
  const story = createStory();
  return {
    pool,
    connect: () => createLogBus({ connection, pool, store, log }),
    append: async (stream: string, ...events: readonly DeskEvent[]) =>
      appendAll(
        store,
        events.map((event) => story.add(stream, event)),
      ),
    deadLetters: createDeadLetters({ pool }),
    setPlace: placeSetter(pool),
    vanish: vanisher(pool),
  };
}

describeMessageBus('log follower', openLogBus);

const patience = { timeout: 15_000, interval: 10 };
const group: DeskEvent = { type: 'GroupRegistered', data: { name: 'group' } };

/** Two processes that serve one consumer; the first one has begun with the event of version 1. */
async function openPair(firstHandler: Handler) {
  const bus = await openLogBus();
  const seen: { by: string; version: number }[] = [];
  const consume = async (by: string, handler: Handler) => {
    const consumption = await bus
      .connect()
      .consume({ name: 'clerk', types: ['GroupRegistered'] }, async (event, context) => {
        seen.push({ by, version: event.version });
        await handler(event, context);
      });
    onTestFinished(() => consumption.stop());
    return consumption;
  };
  await bus.append('group-1', group);
  await consume('first', firstHandler);
  await vi.waitFor(() => expect(seen).toEqual([{ by: 'first', version: 1 }]), patience);
  await consume('second', async () => undefined);
  /** Cuts the connection that the lease of the active process hangs on. */
  const cutLease = async () => {
    const { rowCount } = await bus.pool.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
       and pid in (select pid from pg_stat_activity where datname = current_database() and application_name = 'deskledger lease clerk')`,
    );
    expect(rowCount).toBe(1);
  };
  return { ...bus, seen, cutLease };
}

test('a process that loses its lease breaks off, another one goes on and begins with what was not finished', async () => {
  let brokenOff = false;
  const { append, cutLease, seen } = await openPair(async (_event, { signal }) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    brokenOff = true;
    throw new Error('broken off');
  });
  await cutLease();
  await append('group-1', group);
  await vi.waitFor(
    () => expect(seen.filter(({ by }) => by === 'second').map(({ version }) => version)).toEqual([1, 2]),
    patience,
  );
  expect(brokenOff).toBe(true);
});

test('a process that has lost its lease without noticing cannot move the place of the consumer', async () => {
  const { pool, append, seen } = await openPair(async () => undefined);
  await vi.waitFor(async () => {
    const { rows } = await pool.query(`select position from desk.followers where name = 'clerk'`);
    expect(rows).toEqual([{ position: 1n }]);
  }, patience);
  // What another process does first when it takes over.
  await pool.query(`update desk.followers set epoch = epoch + 1, position = 0`);
  await append('group-2', group);
  // It breaks off, begins again as a rightful one from the place that is stored, and gets both events.
  await vi.waitFor(async () => {
    const { rows } = await pool.query(`select position from desk.followers where name = 'clerk'`);
    expect(rows).toEqual([{ position: 2n }]);
  }, patience);
  expect(seen.filter(({ version }) => version === 1).length).toBeGreaterThanOrEqual(3);
});
