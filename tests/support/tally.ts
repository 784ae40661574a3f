import type pg from 'pg';
import { onTestFinished } from 'vitest';
import type { EventStore, StoredEvent } from '#packages/event-store/port.ts';
import { type AnyProjection, defineProjection, type Table } from '#packages/projector/projection.ts';
import { createProjector, type Projector } from '#packages/projector/projector.ts';
import { log } from './read-models.ts';
import { appendAll, createStory } from './story.ts';

type TallyRow = { stream: string; count: number };
const rows: Table<TallyRow, 'stream'> = {
  key: ['stream'],
  columns: { stream: 'text not null', count: 'integer not null' },
  indexes: [],
};

/**
 * A read model that shows every fault of its projector: an event applied twice or left out falsifies the count for
 * ever. Cannot stand groups called `poison`, unless it is `immune`.
 */
export const tally = ({ name = 'tally', version = 1, immune = false } = {}): AnyProjection =>
  defineProjection({
    name,
    version,
    tables: { [name]: rows },
    handles: ['GroupRegistered'],
    fold: (event, { [name]: table }) => {
      if (event.data.name === 'poison' && !immune) throw new Error('a poisoned event');
      const { stream } = event;
      table?.put({ stream, count: (table.get({ stream })?.count ?? 0) + 1 });
    },
  });

type Desk = { readonly pool: pg.Pool; readonly store: EventStore };

/** Adds groups to the log, spread over four streams, and knows what a tally of them must be. */
export function createGroups({ store }: Desk) {
  const story = createStory();
  let next = 0;
  return {
    head: () => BigInt(story.log.length),
    counts: () => {
      const streams = [0, 1, 2, 3].map((n) => story.log.filter(({ stream }) => stream === `group-${n}`).length);
      return streams.filter((count) => count > 0);
    },
    /** Appends that many events; gives the last one. */
    append: async (count = 1, name = 'group'): Promise<StoredEvent> => {
      const added = Array.from({ length: count }, () => {
        next += 1;
        return story.add(`group-${next % 4}`, { type: 'GroupRegistered', data: { name } });
      });
      await appendAll(store, added);
      return added.at(-1)!;
    },
  };
}

/** What readers see of a tally. */
export async function countsIn(pool: pg.Pool, view = 'tally'): Promise<number[]> {
  const { rows: found } = await pool.query<TallyRow>(`select stream, count from read.${view} order by stream`);
  return found.map(({ count }) => count);
}

/** A running projector, stopped after the test at the latest. */
export async function startProjector({ pool, store }: Desk, ...projections: AnyProjection[]): Promise<Projector> {
  const projector = createProjector({ projections, pool, store, log });
  onTestFinished(() => projector.stop());
  await projector.start();
  await projector.waitUntilLive(AbortSignal.timeout(10_000));
  return projector;
}
