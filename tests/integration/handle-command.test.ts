import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Priority } from '#contracts/primitives.ts';
import type { Decider } from '#packages/domain/decider.ts';
import { rawCodec } from '#packages/event-store/codec.ts';
import { type CommandRequest, createCommandHandler } from '#packages/event-store/handle-command.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import { createPostgresEventStore, migrateEventLog } from '#packages/event-store/postgres/store.ts';
import type { Clock } from '#packages/kernel/clock.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { eventId, newId } from '#packages/kernel/ids.ts';
import { verifyChain } from '#packages/ledger/chain.ts';
import { createPool } from '#packages/postgres/pool.ts';
import { newTicketStream, note } from '#tests/support/log-events.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/postgres.ts';

type State = { readonly priority: Priority; readonly changes: number };
type PriorityChanged = { readonly type: 'TicketPriorityChanged'; readonly data: { from: Priority; to: Priority } };
type Facts = { readonly now: Temporal.Instant; readonly forbidden?: Priority };

/** Goes through the priorities given, one event each, leaving out what changes nothing. */
const priorities: Decider<State, readonly Priority[], PriorityChanged, Facts> = {
  initial: () => ({ priority: 'normal', changes: 0 }),
  evolve: (state, { type, data }) =>
    type === 'TicketPriorityChanged' ? { priority: data.to, changes: state.changes + 1 } : state,
  decide(command, state, { forbidden }) {
    let from = state.priority;
    return command.flatMap((to): PriorityChanged[] => {
      if (to === forbidden) throw new AppError('FORBIDDEN');
      if (to === from) return [];
      const data = { from, to };
      from = to;
      return [{ type: 'TicketPriorityChanged', data }];
    });
  },
};

const log = pino({ level: 'silent' });
const now = Temporal.Instant.from('2026-03-01T09:30:00.123Z');
const clock: Clock = { now: () => now };
const actor = { kind: 'person', id: 'anna' } as const;

describe('the command handler', () => {
  let database: TestDatabase;
  let store: EventStore;
  let stream: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    const { connection } = database;
    const pool = createPool({ connection, log, name: 'test' });
    await migrateEventLog(pool);
    await pool.end();
    store = createPostgresEventStore({ connection, log, codec: rawCodec });
  });
  afterAll(async () => {
    await store?.close();
    await database?.drop();
  });
  beforeEach(() => {
    stream = newTicketStream();
  });

  type Request = CommandRequest<State, readonly Priority[], PriorityChanged, Facts>;
  const request = (command: readonly Priority[], changes: Partial<Request> = {}): Request => ({
    stream,
    decider: priorities,
    command,
    commandId: newId(),
    facts: (_, now) => ({ now }),
    actor,
    source: 'test',
    correlationId: 'mail-1',
    causationId: null,
    ...changes,
  });
  const handle = (command: readonly Priority[], changes: Partial<Request> = {}, on = store) =>
    createCommandHandler({ store: on, clock, log })(request(command, changes));
  /** The store, with something else happening between a read of the stream and the append that follows. */
  const racing = (interference: (append: number) => Promise<unknown>): EventStore => {
    let appends = 0;
    return {
      ...store,
      append: async (...args) => {
        appends += 1;
        await interference(appends);
        return store.append(...args);
      },
    };
  };

  test('appends what was decided and gives the state after it', async () => {
    await handle(['high']);
    const causationId = newId();
    const commandId = newId();
    const outcome = await handle(['urgent', 'low'], { commandId, causationId, fingerprint: 'f'.repeat(64) });
    const stored = await store.readStream(stream, { fromVersion: 2 });
    expect(outcome).toEqual({
      version: 3,
      position: stored.at(-1)?.position,
      state: { priority: 'low', changes: 3 },
      events: stored.map(({ position: _, ...event }) => event),
      duplicate: false,
    });
    expect(stored.map(({ id, type, data }) => ({ id, type, data }))).toEqual([
      { id: eventId(stream, commandId, 0), type: 'TicketPriorityChanged', data: { from: 'high', to: 'urgent' } },
      { id: eventId(stream, commandId, 1), type: 'TicketPriorityChanged', data: { from: 'urgent', to: 'low' } },
    ]);
    for (const { metadata } of stored)
      expect(metadata).toEqual({
        schema: 1,
        at: '2026-03-01T09:30:00.123Z',
        commandId,
        correlationId: 'mail-1',
        causationId,
        actor,
        source: 'test',
        fingerprint: 'f'.repeat(64),
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
  });

  test('a dry run is decided and checked, and appends nothing', async () => {
    await handle(['high']);
    const commandId = newId();
    expect(await handle(['urgent'], { commandId, dryRun: true })).toMatchObject({
      version: 1,
      events: [],
      duplicate: false,
    });
    expect(await store.readStream(stream)).toHaveLength(1);
    const forbidding = { dryRun: true, facts: () => ({ now, forbidden: 'low' as const }) };
    await expect(handle(['low'], forbidding)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(handle(['low'], { dryRun: true, expectedVersion: 7 })).rejects.toMatchObject({
      code: 'VERSION_CONFLICT',
    });
    const { position } = await handle(['urgent'], { commandId });
    expect(await handle(['urgent'], { commandId, dryRun: true })).toMatchObject({
      version: 2,
      position,
      duplicate: true,
    });
  });

  test('chains what it appends, also after events without a hash', async () => {
    await handle(['high', 'low']);
    await handle(['urgent']);
    expect(verifyChain(await store.readStream(stream))).toBeNull();
    await store.append(stream, 3, [note()]);
    await handle(['low']);
    const events = await store.readStream(stream);
    expect(verifyChain(events)).toMatchObject({ version: 4, reason: 'unhashed' });
    expect(verifyChain(events.slice(0, 3))).toBeNull();
  });

  test('appends nothing when nothing is decided, and says where the stream is', async () => {
    expect(await handle([])).toEqual({ ...nothing, version: 0, position: 0n, state: priorities.initial() });
    const { version, position, state } = await handle(['high', 'low']);
    expect(await handle(['low'])).toEqual({ ...nothing, version, position, state });
    expect(await store.readStream(stream)).toHaveLength(2);
  });
  const nothing = { events: [], duplicate: false };

  test('passes on a refusal of the decider and a failure to gather facts', async () => {
    const forbidden = { facts: (_: State, now: Temporal.Instant): Facts => ({ now, forbidden: 'urgent' }) };
    await expect(handle(['high', 'urgent'], forbidden)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const failing = { facts: () => Promise.reject(new AppError('READ_MODEL_UNAVAILABLE')) };
    await expect(handle(['high'], failing)).rejects.toMatchObject({ code: 'READ_MODEL_UNAVAILABLE' });
    expect(await store.readStream(stream)).toEqual([]);
  });

  test('refuses text that cannot be stored before it is hashed', async () => {
    const garbling = {
      ...priorities,
      decide: () => [{ type: 'TicketPriorityChanged', data: { from: 'low', to: '\ud800' } }],
    };
    await expect(handle([], { decider: garbling as never })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      fields: [{ pointer: '/data/to' }],
    });
  });

  describe('given a command id that the stream knows', () => {
    test('gives the first outcome and decides nothing, also when the stream moved on', async () => {
      const commandId = newId();
      const first = await handle(['high', 'low'], { commandId });
      await handle(['urgent']);
      const again = await handle(['normal'], {
        commandId,
        expectedVersion: 0,
        facts: () => Promise.reject(new Error('not asked')),
      });
      const events = await store.readStream(stream, { toVersion: 2 });
      expect(again).toEqual({ ...first, events, duplicate: true });
      expect(await store.readStream(stream)).toHaveLength(3);
    });

    test.each([
      { first: 'a', second: 'a', reused: false },
      { first: 'a', second: undefined, reused: false },
      { first: 'a', second: 'b', reused: true },
      { first: undefined, second: 'b', reused: true },
    ])('first with fingerprint $first, now with $second: reused is $reused', async ({ first, second, reused }) => {
      const commandId = newId();
      const print = (fingerprint: string | undefined) => ({ commandId, ...(fingerprint && { fingerprint }) });
      await handle(['high'], print(first));
      const again = handle(['high'], print(second));
      if (reused) await expect(again).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
      else expect(await again).toMatchObject({ version: 1, duplicate: true });
    });

    test('gives both the same outcome when the command runs twice at once', async () => {
      const commandId = newId();
      const outcomes = await Promise.all([1, 2, 3].map(() => handle(['high', 'low'], { commandId })));
      expect(outcomes.filter(({ duplicate }) => !duplicate).length).toBeLessThanOrEqual(1);
      expect(new Set(outcomes.map(({ version, position }) => `${version} ${position}`)).size).toBe(1);
      expect(await store.readStream(stream)).toHaveLength(2);
    });
  });

  test('when somebody else runs the same command at the same time, gives what they stored', async () => {
    const commandId = newId();
    const later = createCommandHandler({ store, clock: { now: () => now.add({ seconds: 1 }) }, log });
    const interfering = racing(() => later(request(['high'], { commandId })));
    const outcome = await handle(['high'], { commandId }, interfering);
    expect(outcome).toMatchObject({ version: 1, duplicate: true });
    expect(outcome.events).toEqual(await store.readStream(stream));
    expect(outcome.events).toMatchObject([{ metadata: { at: '2026-03-01T09:30:01.123Z' } }]);
  });

  describe('when the stream moves on meanwhile', () => {
    test('decides again on what it finds', async () => {
      const seen: number[] = [];
      const interfering = racing((append) => (append === 1 ? handle(['urgent']) : Promise.resolve()));
      const facts = (state: State, now: Temporal.Instant) => {
        seen.push(state.changes);
        return { now };
      };
      const outcome = await handle(['high'], { facts }, interfering);
      expect(outcome).toMatchObject({ version: 2, state: { priority: 'high', changes: 2 } });
      expect(outcome.events).toMatchObject([{ version: 2, data: { from: 'urgent', to: 'high' } }]);
      expect(seen).toEqual([0, 1]);
    });

    test('gives up after five tries', async () => {
      let tries = 0;
      const hopeless = racing((append) => {
        tries = append;
        return handle([append % 2 ? 'urgent' : 'low']);
      });
      await expect(handle(['high'], {}, hopeless)).rejects.toMatchObject({ code: 'VERSION_CONFLICT' });
      expect(tries).toBe(5);
    });

    test('does all of several commands at once', async () => {
      const outcomes = await Promise.all((['high', 'low', 'urgent'] as const).map((to) => handle([to])));
      expect(outcomes.map(({ version }) => version).toSorted()).toEqual([1, 2, 3]);
      expect(verifyChain(await store.readStream(stream))).toBeNull();
    });
  });

  describe('given the version that the caller saw', () => {
    test('goes on when it is the current one', async () => {
      await handle(['high'], { expectedVersion: 0 });
      expect(await handle(['low'], { expectedVersion: 1 })).toMatchObject({ version: 2 });
    });

    const happened = [2, 3].map((version) => ({
      version,
      type: 'TicketPriorityChanged',
      at: '2026-03-01T09:30:00.123Z',
      actor,
    }));

    test('conflicts when it is stale, telling what happened since', async () => {
      await handle(['high']);
      await handle(['low', 'urgent']);
      for (const command of [['normal'], ['urgent']] as const)
        await expect(handle(command, { expectedVersion: 1 })).rejects.toMatchObject({
          code: 'VERSION_CONFLICT',
          extra: { expected: 1, actual: 3, events: happened },
        });
      await expect(handle(['low'], { expectedVersion: 9 })).rejects.toMatchObject({
        code: 'VERSION_CONFLICT',
        extra: { expected: 9, actual: 3, events: [] },
      });
      expect(await store.readStream(stream)).toHaveLength(3);
    });

    test('conflicts in the same way when it becomes stale just before the append', async () => {
      await handle(['high']);
      const interfering = racing(() => handle(['low', 'urgent']));
      await expect(handle(['normal'], { expectedVersion: 1 }, interfering)).rejects.toMatchObject({
        code: 'VERSION_CONFLICT',
        extra: { expected: 1, actual: 3, events: happened },
      });
    });
  });
});
