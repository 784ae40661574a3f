import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Batched, createBatcher } from '#packages/event-store/postgres/batcher.ts';
import { AppError } from '#packages/kernel/errors.ts';

type Request = Batched & { readonly name: string };
const request = (name: string, changes: Partial<Request> = {}): Request => ({
  name,
  stream: name,
  bytes: 10,
  ...changes,
});
const away = () => new AppError('STORE_UNAVAILABLE');

/** A batcher whose batches end when the test says so. */
function manual(deadlineMs = 10_000) {
  const batches: { names: string[]; succeed(): void; fail(error: Error): void }[] = [];
  const arrivals: (() => void)[] = [];
  const batcher = createBatcher<Request, string>({
    deadlineMs,
    execute: (batch) =>
      new Promise((resolve, reject) => {
        const names = batch.map(({ name }) => name);
        batches.push({ names, succeed: () => resolve(names.map((name) => `done ${name}`)), fail: reject });
        arrivals.shift()?.();
      }),
  });
  let taken = 0;
  /** The next batch, once it is under way. */
  const next = async () => {
    if (batches.length === taken) await new Promise<void>((resolve) => arrivals.push(resolve));
    taken += 1;
    return batches[taken - 1]!;
  };
  return { batcher, next };
}

describe('a batcher', () => {
  test('sends what is submitted together as one batch and gives each its own reply', async () => {
    const { batcher, next } = manual();
    const replies = ['a', 'b', 'c'].map((name) => batcher.submit(request(name)));
    const batch = await next();
    expect(batch.names).toEqual(['a', 'b', 'c']);
    batch.succeed();
    expect(await Promise.all(replies)).toEqual(['done a', 'done b', 'done c']);
  });

  test('collects in one batch what comes while another is under way', async () => {
    const { batcher, next } = manual();
    void batcher.submit(request('a'));
    const first = await next();
    for (const name of ['b', 'c', 'd']) void batcher.submit(request(name));
    first.succeed();
    expect((await next()).names).toEqual(['b', 'c', 'd']);
  });

  test('puts one request per stream into a batch, in their order', async () => {
    const { batcher, next } = manual();
    for (const [name, stream] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
      ['a3', 'a'],
      ['b2', 'b'],
    ] as const)
      void batcher.submit(request(name, { stream }));
    for (const names of [['a1', 'b1'], ['a2', 'b2'], ['a3']]) {
      const batch = await next();
      expect(batch.names).toEqual(names);
      batch.succeed();
    }
  });

  test('keeps batches within 512 requests and 2 MiB, and sends what is larger alone', async () => {
    const { batcher, next } = manual();
    for (let number = 0; number < 600; number += 1) void batcher.submit(request(`n${number}`));
    const mebibyte = 1024 * 1024;
    for (const [name, bytes] of [
      ['x', 1.5],
      ['y', 1],
      ['z', 3],
    ] as const)
      void batcher.submit(request(name, { bytes: bytes * mebibyte }));
    const sizes = [];
    for (let batches = 0; batches < 4; batches += 1) {
      const batch = await next();
      sizes.push(batch.names.length);
      batch.succeed();
    }
    expect(sizes).toEqual([512, 89, 1, 1]);
  });

  test('when a batch fails for good, fails only the request at fault', async () => {
    const tried: string[][] = [];
    const batcher = createBatcher<Request, string>({
      deadlineMs: 10_000,
      execute: async (batch) => {
        tried.push(batch.map(({ name }) => name));
        if (batch.some(({ name }) => name === 'bad')) throw new AppError('INTERNAL');
        return batch.map(({ name }) => name);
      },
    });
    const outcomes = await Promise.allSettled(['a', 'bad', 'c'].map((name) => batcher.submit(request(name))));
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.code))).toEqual([
      'a',
      'INTERNAL',
      'c',
    ]);
    expect(tried).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']]);
  });

  describe('with a server that is away', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    test('tries the same batch again until it is back, and holds what comes meanwhile', async () => {
      const { batcher, next } = manual();
      const reply = batcher.submit(request('a'));
      for (let failures = 0; failures < 5; failures += 1) {
        const batch = await next();
        expect(batch.names).toEqual(['a']);
        batch.fail(away());
        void batcher.submit(request(`later ${failures}`));
        await vi.advanceTimersByTimeAsync(600);
      }
      (await next()).succeed();
      expect(await reply).toBe('done a');
      expect((await next()).names).toHaveLength(5);
    });

    test('gives up each request at its own deadline with the last error', async () => {
      const tried: string[][] = [];
      const batcher = createBatcher<Request, string>({
        deadlineMs: 1_000,
        execute: async (batch) => {
          tried.push(batch.map(({ name }) => name));
          throw away();
        },
      });
      const start = performance.now();
      const given: Record<string, number> = {};
      const submit = (name: string) =>
        batcher.submit(request(name)).catch((error: AppError) => {
          expect(error.code).toBe('STORE_UNAVAILABLE');
          given[name] = performance.now() - start;
        });
      const outcomes = [submit('early')];
      for (let waited = 0; waited < 4_000; waited += 50) {
        if (waited === 500) outcomes.push(submit('late'));
        await new Promise(setImmediate);
        await vi.advanceTimersByTimeAsync(50);
      }
      await Promise.all(outcomes);
      expect(tried.length).toBeGreaterThan(2);
      expect(given['early']).toBeGreaterThan(400);
      expect(given['early']).toBeLessThanOrEqual(1_000);
      expect(given['late']).toBeGreaterThan(900);
      expect(given['late']).toBeLessThanOrEqual(1_500);
    });
  });

  test.each([
    { what: '10,000 requests', count: 10_000, bytes: 1 },
    { what: '64 MiB', count: 64, bytes: 1024 * 1024 },
  ])('refuses more than $what in its queue, and takes more when there is room', async ({ count, bytes }) => {
    const { batcher, next } = manual();
    const first = batcher.submit(request('first', { bytes: 0 }));
    const batch = await next();
    for (let number = 0; number < count; number += 1) void batcher.submit(request(`n${number}`, { bytes }));
    await expect(batcher.submit(request('one too many', { bytes }))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    batch.succeed();
    await first;
    await next();
    void batcher.submit(request('room again', { bytes: 1 }));
    await expect(
      Promise.race([
        batcher.submit(request('this too', { bytes: 1 })),
        new Promise((done) => setTimeout(done, 20, 'queued')),
      ]),
    ).resolves.toBe('queued');
  });

  test('closes when everything taken is done, and takes nothing more', async () => {
    const { batcher, next } = manual();
    const replies = [batcher.submit(request('a')), batcher.submit(request('b', { stream: 'a' }))];
    let closed = false;
    const closing = batcher.close().then(() => {
      closed = true;
    });
    await expect(batcher.submit(request('c'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    (await next()).succeed();
    const last = await next();
    expect(closed).toBe(false);
    last.succeed();
    await closing;
    expect(await Promise.all(replies)).toEqual(['done a', 'done b']);
    await batcher.close();
  });
});
