import type pg from 'pg';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { DeskEvent } from '#contracts/events/all.ts';
import { createDeadLetters, type DeadLetters } from '#packages/message-bus/dead-letters.ts';
import { migrateMessageBus } from '#packages/message-bus/migrate.ts';
import type { PostgresConnection } from '#packages/postgres/pool.ts';
import { natsMissing } from '#tests/support/nats.ts';
import { openNatsDesk } from '#tests/support/nats-bus.ts';
import { urlOf } from '#tests/support/postgres.ts';
import { startProcess } from '#tests/support/process.ts';
import { openDesk } from '#tests/support/read-models.ts';
import { appendAll, createStory } from '#tests/support/story.ts';

const named = (name: string): DeskEvent => ({ type: 'GroupRegistered', data: { name } });
const patience = { timeout: 60_000, interval: 50 };

type Desk = {
  pool: pg.Pool;
  connection: PostgresConnection;
  append: (stream: string, ...events: readonly DeskEvent[]) => Promise<void>;
  deadLetters: DeadLetters;
  env: Record<string, string>;
};

async function openLogDesk(): Promise<Desk> {
  const { connection, pool, store } = await openDesk();
  await migrateMessageBus(pool);
  const story = createStory();
  const append = async (stream: string, ...events: readonly DeskEvent[]) =>
    appendAll(
      store,
      events.map((event) => story.add(stream, event)),
    );
  return { connection, pool, append, deadLetters: createDeadLetters({ pool }), env: {} };
}

async function openBrokerDesk(): Promise<Desk> {
  const { append, connection, nats, open, pool, relay } = await openNatsDesk();
  await relay();
  return { connection, pool, append, deadLetters: open().deadLetters, env: { NATS_URL: nats.url } };
}

describe.each([
  { way: 'log', open: openLogDesk, missing: null },
  { way: 'nats', open: openBrokerDesk, missing: natsMissing() },
])('an event that kills whoever handles it, over $way', ({ missing, open, way }) => {
  test.skipIf(missing !== null)(
    'the crash loop ends, the event is a dead letter, and what came with it is handled',
    async () => {
      const { append, connection, deadLetters, env, pool } = await open();
      await append('group-1', named('before'));
      await append('group-2', named('poison'), named('behind it'));
      await append('group-3', named('beside it'));
      const handled = new Set<string>();
      let crashes = 0;

      /** As a supervisor: a process that was killed is started again. Ends with one that survives. */
      const supervise = async (done: () => Promise<boolean>): Promise<void> => {
        for (let starts = 0; starts < 12; starts += 1) {
          const running = startProcess(['tests/support/crashing-consumer.ts', way], {
            ...env,
            DATABASE_URL: urlOf(connection),
          });
          onTestFinished(() => running.signal('SIGKILL'));
          let over = false;
          void running.ended.then(() => {
            over = true;
          });
          await vi.waitFor(async () => expect(over || (await done())).toBe(true), patience);
          for (const [, name = ''] of running.stdout().matchAll(/^handled (.*)$/gm)) handled.add(name);
          if (!over) {
            running.signal('SIGKILL');
            await running.ended;
            return;
          }
          expect(await running.ended).toBe('SIGKILL');
          crashes += 1;
        }
        throw new Error(`the crash loop does not end: ${crashes} crashes`);
      };

      const all = ['before', 'behind it', 'beside it'];
      await supervise(async () => {
        const { rows } = await pool.query(`select from desk.followers where name = 'clerk' and position = 4`);
        return rows.length === 1;
      });
      // The first one takes nobody by suspicion, then three are counted.
      expect(crashes).toBe(4);
      const [letter] = await deadLetters.list();
      expect(letter).toMatchObject({ consumer: 'clerk', stream: 'group-2', version: 1 });
      expect(letter?.error).toContain('ended 3 times while it handled this event');

      // To ask for it again kills again, and that ends too.
      await deadLetters.replay('clerk', letter!.eventId);
      const before = letter!.at.getTime();
      await supervise(async () => {
        const [again] = await deadLetters.list();
        return again !== undefined && again.at.getTime() > before;
      });
      expect(crashes).toBe(7);
      await append('group-3', named('afterwards'));
      const last = startProcess(['tests/support/crashing-consumer.ts', way], {
        ...env,
        DATABASE_URL: urlOf(connection),
      });
      onTestFinished(() => last.signal('SIGKILL'));
      await last.printed(/handled afterwards/);
      for (const name of all) expect([...handled, last.stdout()].join(' ')).toContain(name);
    },
    300_000,
  );
});
