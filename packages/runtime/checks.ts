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

/** A difference of the clocks that is none of the measuring, in milliseconds. */
const notableSkewMs = 5_000;

/**
 * How far our clock is from that of the database, which says what is due: a sentence for the operator, undefined while
 * they agree. Rejects with READ_MODEL_UNAVAILABLE.
 */
export async function clockSkew({ clock, pool }: Pick<Platform, 'clock' | 'pool'>): Promise<string | undefined> {
  try {
    const { rows } = await pool.query<{ ms: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms',
    );
    const ms = clock.now().epochMilliseconds - (rows[0]?.ms ?? 0);
    if (Math.abs(ms) < notableSkewMs) return undefined;
    const seconds = Math.round(Math.abs(ms) / 1_000);
    return `the clock of this process is ${seconds} s ${ms > 0 ? 'ahead of' : 'behind'} that of the database`;
  } catch (error) {
    throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
  }
}

/** Ready also with a wrong clock, which is told: a desk whose clocks are all wrong must go on. */
const databaseCheck = (platform: Pick<Platform, 'clock' | 'pool'>): Check => ({
  name: 'database',
  run: () => clockSkew(platform),
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
export const platformChecks = (platform: Pick<Platform, 'clock' | 'pool' | 'settings' | 'store'>): Check[] => [
  databaseCheck(platform),
  eventLogCheck(platform.store),
  settingsCheck(platform.settings),
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
