import { expect, test } from 'vitest';
import { createProjectorAdmin } from '#packages/projector/admin.ts';
import { createProjector } from '#packages/projector/projector.ts';
import { projections } from '#projections/all.ts';
import { log, openDesk, rowsOf } from '#tests/support/read-models.ts';
import { appendAll, createStory } from '#tests/support/story.ts';

test('smoke', async () => {
  const { pool, store } = await openDesk();
  const story = createStory();
  for (let i = 0; i < 20; i += 1) story.ticket();
  await appendAll(store, story.log);
  const projector = createProjector({ projections, pool, store, log });
  let t = performance.now();
  await projector.start();
  console.log('start', performance.now() - t);
  t = performance.now();
  await projector.waitUntilLive(AbortSignal.timeout(10_000));
  console.log('live', performance.now() - t);
  console.log(await projector.health());
  console.log(await rowsOf(pool, 'tickets'));
  const admin = createProjectorAdmin({ projections, pool, store, log });
  for (const { name } of projections) console.log(name, await admin.verify(name));
  t = performance.now();
  await projector.stop();
  console.log('stop', performance.now() - t);
  expect(1).toBe(1);
});
