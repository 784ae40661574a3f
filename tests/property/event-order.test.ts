import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { createOrder } from '#packages/message-bus/order.ts';
import { log } from '#tests/support/read-models.ts';

type Job = { readonly keys: readonly string[] | null; readonly keysMs: number; readonly workMs: number };

const jobs = fc.array(
  fc.record({
    keys: fc.oneof(
      { weight: 9, arbitrary: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    keysMs: fc.nat(4),
    workMs: fc.nat(4),
  }),
  { minLength: 2, maxLength: 12 },
);

/** Gives all of them to an order at once; tells when each began and ended. */
async function run(list: readonly Job[]): Promise<{ begun: number[]; ended: number[] }> {
  const [begun, ended]: [number[], number[]] = [[], []];
  let tick = 0;
  const order = createOrder(async (event) => {
    const job = list[Number(event.id)]!;
    await sleep(job.keysMs);
    if (job.keys === null) throw new Error('not to be told');
    return job.keys;
  }, log);
  const work = async (index: number, ms: number) => {
    begun[index] = tick++;
    await sleep(ms);
    ended[index] = tick++;
  };
  const arriving = (index: number) => Promise.resolve({ id: String(index) } as StoredEvent);
  await Promise.all(list.map(({ workMs }, index) => order(arriving(index), () => work(index, workMs))));
  return { begun, ended };
}

it('handles what has to do with each other in the order it came, and never at once', async () => {
  await fc.assert(
    fc.asyncProperty(jobs, async (list) => {
      const { begun, ended } = await run(list);
      for (const [later, job] of list.entries())
        for (const [earlier, other] of list.slice(0, later).entries())
          if (job.keys === null || other.keys === null || job.keys.some((key) => other.keys?.includes(key)))
            expect(ended[earlier]).toBeLessThan(begun[later]!);
    }),
    { numRuns: 60 },
  );
});

it('handles what has nothing to do with each other side by side', async () => {
  const [first, second] = [
    { keys: ['a'], keysMs: 0, workMs: 30 },
    { keys: ['b'], keysMs: 0, workMs: 30 },
  ];
  const { begun, ended } = await run([first, second]);
  expect(Math.max(...begun)).toBeLessThan(Math.min(...ended));
});

it('knows that two are about the same by a third between them, also when that is done', async () => {
  const list: Job[] = [
    { keys: ['ticket'], keysMs: 0, workMs: 40 },
    { keys: ['ticket', 'message'], keysMs: 0, workMs: 0 },
    { keys: ['message'], keysMs: 0, workMs: 0 },
  ];
  const { begun, ended } = await run(list);
  expect(ended[0]).toBeLessThan(begun[1]!);
  expect(ended[1]).toBeLessThan(begun[2]!);
});

it('lets the others go on when work fails', async () => {
  const order = createOrder(async () => ['a'], log);
  const event = Promise.resolve({ id: '0' } as StoredEvent);
  const failing = order(event, () => Promise.reject(new Error('no')));
  const next = order(event, async () => 'done');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
});

it('forgets what a chain without end was about once that is done', async () => {
  const order = createOrder(async ({ id }) => (id === 'old' ? ['part 0'] : ['chain', `part ${id}`]), log);
  const give = (id: string) => {
    const gate = Promise.withResolvers<void>();
    const handled = order(Promise.resolve({ id } as StoredEvent), () => gate.promise);
    return { gate, handled };
  };
  // There is always one in hand, so that each has the keys of the one before.
  let last = give('0');
  for (let index = 1; index < 1_100; index += 1) {
    const next = give(String(index));
    last.gate.resolve();
    await last.handled;
    last = next;
  }
  const old = give('old');
  old.gate.resolve();
  await old.handled;
  last.gate.resolve();
  await last.handled;
});
