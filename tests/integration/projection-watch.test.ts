import { expect, onTestFinished, test } from 'vitest';
import { createProjectionWatch } from '#packages/projector/watch.ts';
import { log, openDesk } from '#tests/support/read-models.ts';
import { createGroups, startProjector, tally } from '#tests/support/tally.ts';

async function openWatch(...names: string[]) {
  const desk = await openDesk();
  const watch = createProjectionWatch({ pool: desk.pool, names, log });
  onTestFinished(() => watch.close());
  return { ...desk, groups: createGroups(desk), watch };
}

test('whoever waits for a position finds its event in the read model afterwards', async () => {
  const { groups, pool, store, watch } = await openWatch('tally');
  await startProjector({ pool, store }, tally());
  for (let n = 0; n < 20; n += 1) {
    const { position } = await groups.append();
    expect(await watch.waitFor(position, 10_000)).toBe(true);
    const { rows } = await pool.query('select sum(count)::int as total from read.tally');
    expect(rows[0]?.total).toBeGreaterThanOrEqual(n + 1);
  }
});

test('it is false at the timeout when a read model does not get there', async () => {
  const { pool, store, watch } = await openWatch('tally');
  await startProjector({ pool, store }, tally());
  expect(await watch.waitFor(99n, 50)).toBe(false);
});

test('it is false when there is no such read model yet', async () => {
  const { watch } = await openWatch('tally');
  expect(await watch.waitFor(0n, 50)).toBe(false);
});

test('it does not wait for a read model that has failed, unless others are meant', async () => {
  const { groups, pool, store, watch } = await openWatch('tally', 'robust');
  const projector = await startProjector({ pool, store }, tally(), tally({ name: 'robust', immune: true }));
  const { position } = await groups.append(1, 'poison');
  // Far longer than the test may take: only the failure can end the wait.
  expect(await watch.waitFor(position, 3_600_000)).toBe(false);
  expect((await projector.health()).map(({ status }) => status)).toEqual(['live', 'failed']);
  expect(await watch.waitFor(position, 10_000, ['robust'])).toBe(true);
});

test('many who wait share one look at the database at a time', async () => {
  const { groups, pool, store, watch } = await openWatch('tally');
  await startProjector({ pool, store }, tally());
  let asking = 0;
  let most = 0;
  const query = pool.query.bind(pool) as (...statement: unknown[]) => Promise<unknown>;
  const counting = async (...statement: unknown[]) => {
    asking += 1;
    most = Math.max(most, asking);
    return query(...statement).finally(() => {
      asking -= 1;
    });
  };
  const shared = createProjectionWatch({ pool: { query: counting } as unknown as typeof pool, names: ['tally'], log });
  onTestFinished(() => shared.close());
  const waiting = Array.from({ length: 200 }, () => shared.waitFor(5n, 10_000));
  await groups.append(5);
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => true));
  expect(most).toBe(1);
  expect(await watch.positions()).toEqual(new Map([['tally', 5n]]));
});

test('closing it ends all waiting', async () => {
  const { watch } = await openWatch('tally');
  const waiting = watch.waitFor(1n, 3_600_000);
  await watch.close();
  expect(await waiting).toBe(false);
  expect(await watch.waitFor(1n, 3_600_000)).toBe(false);
});

test('who gives up waiting is told at once', async () => {
  const { watch } = await openWatch('tally');
  const patience = new AbortController();
  const waiting = watch.waitFor(1n, 3_600_000, ['tally'], patience.signal);
  patience.abort();
  expect(await waiting).toBe(false);
  expect(await watch.waitFor(1n, 3_600_000, ['tally'], patience.signal)).toBe(false);
});

test('a name that is no projection is a mistake of the caller', async () => {
  const { watch } = await openWatch('tally');
  await expect(watch.waitFor(1n, 10, ['tallies'])).rejects.toThrow('tallies');
});
