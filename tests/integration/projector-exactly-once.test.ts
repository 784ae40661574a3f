import { expect, test, vi } from 'vitest';
import { createProjector } from '#packages/projector/projector.ts';
import { createMortalPool } from '#tests/support/mortal-pool.ts';
import { log, openDesk } from '#tests/support/read-models.ts';
import { countsIn, createGroups, startProjector, tally } from '#tests/support/tally.ts';

const patience = { timeout: 15_000, interval: 10 };
const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

test.each(['before', 'after'] as const)(
  'a projector that dies %s any of its statements leaves no event out and applies none twice',
  async (when) => {
    const { pool, store } = await openDesk();
    const groups = createGroups({ pool, store });
    let deaths = 0;
    for (let died = true; died; ) {
      const name = `tally_${deaths + 1}`;
      const mortal = createMortalPool(pool, { dieAt: deaths + 1, when });
      const doomed = createProjector({ projections: [tally({ name })], pool: mortal.pool, store, log });
      await groups.append();
      // Death is the point of it: wherever it strikes, what counts is what is found afterwards.
      await doomed.start().catch(() => undefined);
      await doomed.waitUntilLive(AbortSignal.timeout(5_000)).catch(() => undefined);
      await groups.append(3);
      await vi.waitFor(async () => {
        const { rows } = await pool.query('select position from desk.projections where name = $1', [name]);
        expect(mortal.dead() || rows[0]?.position === groups.head()).toBe(true);
      }, patience);
      await doomed.stop();
      died = mortal.dead();

      const survivor = await startProjector({ pool, store }, tally({ name }));
      await vi.waitFor(
        async () => expect(sum(await countsIn(pool, name))).toBeGreaterThanOrEqual(Number(groups.head())),
        patience,
      );
      await survivor.stop();
      expect(await countsIn(pool, name)).toEqual(groups.counts());
      if (died) deaths += 1;
    }
    // Registration, building, switching and following take more statements than that.
    expect(deaths).toBeGreaterThan(30);
  },
  120_000,
);

test('two projectors at once apply each event once', async () => {
  const { pool, store } = await openDesk();
  const groups = createGroups({ pool, store });
  const projectors = [await startProjector({ pool, store }, tally()), await startProjector({ pool, store }, tally())];
  for (let round = 0; round < 40; round += 1) await groups.append(1 + (round % 7));
  await vi.waitFor(
    async () => expect(sum(await countsIn(pool))).toBeGreaterThanOrEqual(Number(groups.head())),
    patience,
  );
  for (const projector of projectors) await projector.stop();
  expect(await countsIn(pool)).toEqual(groups.counts());
});
