import type pg from 'pg';
import type { BlobStore } from '#packages/blob-store/port.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import type { Check } from '#packages/http/health.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { PartReadiness } from '#packages/message-bus/readiness.ts';
import { translatePostgresError } from '#packages/postgres/errors.ts';
import type { Projector } from '#packages/projector/projector.ts';
import type { ProjectionWatch } from '#packages/projector/watch.ts';
import type { Settings } from '#packages/settings/settings.ts';
import type { Platform } from './platform.ts';

/** A fault in words for everybody: checks tell those of an AppError and no others. */
const notReady = (detail: string) => new AppError('STORE_UNAVAILABLE', { detail });

const databaseCheck = (pool: pg.Pool): Check => ({
  name: 'database',
  async run() {
    try {
      await pool.query('select 1');
      return undefined;
    } catch (error) {
      throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
    }
  },
});

export const eventLogCheck = (store: Pick<EventStore, 'head'>): Check => ({
  name: 'event log',
  run: async () => void (await store.head()),
});

const settingsCheck = (settings: Pick<Settings, 'failure'>): Check => ({
  name: 'settings',
  async run() {
    if (settings.failure() !== null) throw notReady('settings are not followed for now; the log says why');
    return undefined;
  },
});

/** What every process of the desk leans on. */
export const platformChecks = ({ pool, settings, store }: Pick<Platform, 'pool' | 'settings' | 'store'>): Check[] => [
  databaseCheck(pool),
  eventLogCheck(store),
  settingsCheck(settings),
];

/** For services that have nothing to do while the bus is away. Without a broker there is nothing to be away. */
export const busChecks = ({ natsLink }: Pick<Platform, 'natsLink'>): Check[] =>
  natsLink === null
    ? []
    : [
        {
          name: 'message bus',
          async run() {
            if (!natsLink.status().startsWith('connected to ')) throw notReady('no connection to NATS');
            return undefined;
          },
        },
      ];

export const filesCheck = (blobs: Pick<BlobStore, 'check'>): Check => ({
  name: 'files',
  run: async () => void (await blobs.check()),
});

/** For who reads them: all must have been built once; how far behind they are is told with every answer. */
export const readModelsCheck = (
  watch: Pick<ProjectionWatch, 'positions'>,
  projections: readonly { readonly name: string }[],
): Check => ({
  name: 'read models',
  async run() {
    const built = await watch.positions();
    const missing = projections.filter(({ name }) => !built.has(name)).map(({ name }) => name);
    if (missing.length > 0)
      throw new AppError('READ_MODEL_UNAVAILABLE', { detail: `not built yet: ${missing.join(', ')}` });
    return undefined;
  },
});

/** The error itself may hold what customers wrote, so that the front page and the log have it, and this does not. */
export const projectionsCheck = (projector: Pick<Projector, 'health'>): Check => ({
  name: 'projections',
  async run() {
    const failed = (await projector.health()).filter(({ status }) => status === 'failed');
    const places = failed.map(({ failedPosition, name }) => `${name} stands still at position ${failedPosition}`);
    if (places.length > 0) throw new AppError('READ_MODEL_UNAVAILABLE', { detail: places.join('; ') });
    return undefined;
  },
});

export const partCheck = (name: string, part: { readiness(): PartReadiness }): Check => ({
  name,
  async run() {
    const { detail, ready } = part.readiness();
    if (!ready) throw notReady(detail);
    return detail;
  },
});
