import { expect, test, vi } from 'vitest';
import { createProjectorAdmin } from '#packages/projector/admin.ts';
import { log, openDesk } from '#tests/support/read-models.ts';
import { countsIn, createGroups, startProjector, tally } from '#tests/support/tally.ts';

const patience = { timeout: 15_000, interval: 10 };

/** Two read models, one of which cannot stand the poisoned event among ten others. */
async function openPoisoned() {
  const desk = await openDesk();
  const groups = createGroups(desk);
  const projections = [tally(), tally({ name: 'robust', immune: true })];
  const projector = await startProjector(desk, ...projections);
  await groups.append(5);
  const poisoned = await groups.append(1, 'poison');
  await groups.append(5);
  const admin = createProjectorAdmin({ projections, ...desk, log });
  const health = async () => (await projector.health()).find(({ name }) => name === 'tally')!;
  const failed = () => vi.waitFor(async () => expect((await health()).status).toBe('failed'), patience);
  return { ...desk, admin, groups, projector, projections, poisoned, health, failed };
}

test('an event that cannot be applied stops its projection alone, right before it, and says so', async () => {
  const { failed, groups, health, pool, poisoned, projector } = await openPoisoned();
  await failed();
  expect(await health()).toMatchObject({
    stage: 'live',
    failedPosition: poisoned.position,
    error: 'GroupRegistered: Error: a poisoned event',
    position: poisoned.position - 1n,
    lag: 6n,
  });
  await vi.waitFor(async () => expect(await countsIn(pool, 'robust')).toEqual(groups.counts()), patience);
  expect((await projector.health()).find(({ name }) => name === 'robust')).toMatchObject({ status: 'live', lag: 0n });
});

test('an operator skips the event: the projection goes on, rebuild and verification leave it out as well', async () => {
  const { admin, failed, groups, health, pool, poisoned } = await openPoisoned();
  await failed();
  await admin.skip('tally', poisoned.position);
  await vi.waitFor(async () => expect(await health()).toMatchObject({ status: 'live', lag: 0n, skipped: 1 }), patience);
  const without = (await countsIn(pool)).reduce((sum, count) => sum + count, 0);
  expect(without).toBe(Number(groups.head()) - 1);
  await admin.rebuild('tally');
  expect((await admin.verify('tally')).differences).toEqual([]);
});

test('only the event that it failed at can be skipped', async () => {
  const { admin, failed, poisoned } = await openPoisoned();
  await failed();
  await expect(admin.skip('tally', poisoned.position + 1n)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(admin.skip('robust', poisoned.position)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(admin.skip('nobody', poisoned.position)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a restarted process tries again, and a repaired one gets past it', async () => {
  const { failed, groups, pool, projector, store } = await openPoisoned();
  await failed();
  await projector.stop();
  const again = await startProjector({ pool, store }, tally());
  await vi.waitFor(
    async () => expect((await again.health())[1]).toMatchObject({ name: 'tally', status: 'failed' }),
    patience,
  );
  await again.stop();
  await startProjector({ pool, store }, tally({ immune: true }));
  await vi.waitFor(async () => expect(await countsIn(pool)).toEqual(groups.counts()), patience);
});

test('a rebuild that meets the event is given up with the reason', async () => {
  const { admin, failed, pool, poisoned } = await openPoisoned();
  await failed();
  await expect(admin.rebuild('tally')).rejects.toThrow(`failed at position ${poisoned.position}`);
  const { rows } = await pool.query(`select generation from desk.projections where name = 'tally'`);
  expect(rows).toEqual([{ generation: 1 }]);
});

test('a new version that can stand the event replaces the failed one', async () => {
  const { failed, groups, pool, store } = await openPoisoned();
  await failed();
  await startProjector({ pool, store }, tally({ version: 2, immune: true }));
  await vi.waitFor(async () => expect(await countsIn(pool)).toEqual(groups.counts()), patience);
});

test('verification names what differs from the log, on both sides, and leaves nothing behind', async () => {
  const { admin, groups, pool } = await openPoisoned();
  await vi.waitFor(async () => expect(await countsIn(pool, 'robust')).toEqual(groups.counts()), patience);
  expect((await admin.verify('robust')).differences).toEqual([]);
  await pool.query(`update rm_robust_v1_g1.robust set count = 77 where stream = 'group-1'`);
  await pool.query(`delete from rm_robust_v1_g1.robust where stream = 'group-2'`);
  await pool.query(`insert into rm_robust_v1_g1.robust values ('group-9', 1)`);
  const seen: number[] = [];
  const { differences, events, position } = await admin.verify('robust', ({ events: so }) => seen.push(so));
  expect({ events, position }).toEqual({ events: 11, position: 11n });
  expect(seen.at(-1)).toBe(11);
  expect(differences).toHaveLength(4);
  expect(differences).toEqual(
    expect.arrayContaining([
      { table: 'robust', side: 'missing', row: { stream: 'group-1', count: 3 } },
      { table: 'robust', side: 'unexpected', row: { stream: 'group-1', count: 77 } },
      { table: 'robust', side: 'missing', row: { stream: 'group-2', count: 3 } },
      { table: 'robust', side: 'unexpected', row: { stream: 'group-9', count: 1 } },
    ]),
  );
  const schemas = await pool.query(`select nspname from pg_namespace where nspname like '%verify%'`);
  expect(schemas.rows).toEqual([]);
});
