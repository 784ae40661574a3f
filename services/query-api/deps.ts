import type { Kysely } from 'kysely';
import type { BlobStore } from '#packages/blob-store/port.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import type { EventStore } from '#packages/event-store/port.ts';
import type { ReadProgress } from '#packages/http/desk-position.ts';
import type { Clock } from '#packages/kernel/clock.ts';
import type { Presence } from '#packages/presence/presence.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { ReplyDrafts } from '#packages/reply-drafts/reply-drafts.ts';

/** What the query side stands on: read models for what is, the log for what was. */
export type QueryApiDeps = {
  readonly db: Kysely<ReadDatabase>;
  readonly store: EventStore;
  readonly presence: Pick<Presence, 'on'>;
  readonly drafts: Pick<ReplyDrafts, 'of'>;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  /** How far the read models have got: `createProjectionWatch` fits. */
  readonly progress: ReadProgress;
  /** Calendars and policies by revision, to explain SLA figures. */
  readonly settings: { current(): SettingsLookup };
};
