import { expect, onTestFinished, test, vi } from 'vitest';
import { sleep } from '#packages/kernel/retry.ts';
import { createProjectorAdmin, type ProjectorAdmin } from '#packages/projector/admin.ts';
import type { AnyProjection } from '#packages/projector/projection.ts';
import { log, openDesk } from '#tests/support/read-models.ts';
import { countsIn, createGroups, startProjector, tally } from '#tests/support/tally.ts';

const patience = { timeout: 15_000, interval: 10 };

async function openTally(projection: AnyProjection = tally()) {
  const desk = await openDesk();
  const groups = createGroups(desk);
  const admin: ProjectorAdmin = createProjectorAdmin({ projections: [projection], ...desk, log });
  const stages = async () =>
    (await desk.pool.query(`select generation, version, stage from desk.projections order by generation`)).rows.map(
      ({ generation, version, stage }) => `g${generation} v${version} ${stage}`,
    );
  const caughtUp = () => vi.waitFor(async () => expect(await countsIn(desk.pool)).toEqual(groups.counts()), patience);
  return { ...desk, groups, admin, stages, caughtUp };
}

test('a rebuild under writes: reads never fail, are never empty and never go back; the result is complete', async () => {
  const { admin, caughtUp, groups, pool, stages, store } = await openTally();
  await groups.append(200);
  await startProjector({ pool, store }, tally());

  const stopped = new AbortController();
  onTestFinished(() => stopped.abort());
  let reads = 0;
  const write = async () => {
    while (!stopped.signal.aborted) await groups.append(3);
  };
  const read = async () => {
    let before = 200;
    while (!stopped.signal.aborted) {
      // Twice in one statement, so that readers hold locks on the view while the switch wants it.
      const { rows } = await pool.query<{ total: bigint }>(
        'select sum(a.count) as total, pg_sleep(0.002) from read.tally a where a.count >= (select min(count) from read.tally)',
      );
      const total = Number(rows[0]?.total ?? 0);
      expect(total).toBeGreaterThanOrEqual(before);
      before = total;
      reads += 1;
    }
  };
  const traffic = Promise.all([write(), read(), read()]);
  for (let round = 0; round < 3; round += 1) await admin.rebuild('tally');
  stopped.abort();
  await traffic;
  await caughtUp();
  expect(reads).toBeGreaterThan(20);
  expect(await stages()).toEqual(['g3 v1 retired', 'g4 v1 live']);
});

test('the running projector goes on with what another process has built', async () => {
  const { admin, caughtUp, groups, pool, stages, store } = await openTally();
  await groups.append(10);
  await startProjector({ pool, store }, tally());
  await admin.rebuild('tally');
  await groups.append(10);
  await caughtUp();
  expect(await stages()).toEqual(['g1 v1 retired', 'g2 v1 live']);
});

test('a rebuild tells how far it is', async () => {
  const { admin, groups, pool, store } = await openTally();
  await groups.append(2_500);
  await startProjector({ pool, store }, tally());
  const progress: bigint[] = [];
  await admin.rebuild('tally', ({ events, head, name, position }) => {
    expect({ events, head, name }).toEqual({ events: Number(position), head: 2_500n, name: 'tally' });
    progress.push(position);
  });
  expect(progress).toEqual(progress.toSorted((a, b) => Number(a - b)));
  expect(progress.length).toBeGreaterThan(2);
  expect(progress.at(-1)).toBe(2_500n);
});

test('a new version takes over by itself, and the code before it stands by', async () => {
  const { caughtUp, groups, pool, stages, store } = await openTally();
  await groups.append(20);
  const old = await startProjector({ pool, store }, tally());
  await startProjector({ pool, store }, tally({ version: 2 }));
  await vi.waitFor(async () => expect(await stages()).toEqual(['g1 v1 retired', 'g2 v2 live']), patience);
  await groups.append(5);
  await caughtUp();
  await old.stop();
  await startProjector({ pool, store }, tally());
  expect(await stages()).toEqual(['g1 v1 retired', 'g2 v2 live']);
});

test('rollback brings the generation before up to date and back into service', async () => {
  const { admin, caughtUp, groups, pool, stages, store } = await openTally();
  await groups.append(10);
  await startProjector({ pool, store }, tally());
  await admin.rebuild('tally');
  await groups.append(10);
  await admin.rollback('tally');
  expect(await stages()).toEqual(['g1 v1 live', 'g2 v1 retired']);
  await groups.append(10);
  await caughtUp();
});

test('the retired generation goes when an operator says so, with its tables', async () => {
  const { admin, groups, pool, stages, store } = await openTally();
  await groups.append(3);
  await startProjector({ pool, store }, tally());
  await admin.rebuild('tally');
  expect(await admin.dropRetired('tally')).toBe(1);
  expect(await stages()).toEqual(['g2 v1 live']);
  const schemas = await pool.query(`select nspname from pg_namespace where nspname like 'rm_%'`);
  expect(schemas.rows).toEqual([{ nspname: 'rm_tally_v1_g2' }]);
  await expect(admin.rollback('tally')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a rebuild that is broken off leaves nothing behind, and the live one in service', async () => {
  const { admin, groups, pool, stages, store } = await openTally();
  await groups.append(2_500);
  await startProjector({ pool, store }, tally());
  const stop = new AbortController();
  await expect(admin.rebuild('tally', () => stop.abort(), stop.signal)).rejects.toThrow('aborted');
  expect(await stages()).toEqual(['g1 v1 live']);
});

test('of two rebuilds at once the later one wins, and nothing is lost', async () => {
  const { admin, caughtUp, groups, pool, stages, store } = await openTally();
  await groups.append(3_000);
  await startProjector({ pool, store }, tally());
  let second: Promise<void> | undefined;
  const first = admin.rebuild('tally', () => {
    second ??= admin.rebuild('tally');
  });
  await expect(first).rejects.toThrow('changed');
  await second;
  await groups.append(1);
  await caughtUp();
  expect((await stages()).filter((stage) => stage.endsWith('live'))).toHaveLength(1);
});

test('a switch waits for readers instead of making them fail', async () => {
  const { admin, groups, pool, stages, store } = await openTally();
  await groups.append(3);
  await startProjector({ pool, store }, tally());
  const reader = await pool.connect();
  await reader.query('begin');
  await reader.query('select * from read.tally');
  let done = false;
  const rebuilt = admin.rebuild('tally').then(() => {
    done = true;
  });
  await sleep(700);
  expect(done).toBe(false);
  await reader.query('select * from read.tally');
  await reader.query('commit');
  reader.release();
  await rebuilt;
  expect(await stages()).toEqual(['g1 v1 retired', 'g2 v1 live']);
});
