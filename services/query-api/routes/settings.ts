import type { Static } from 'typebox';
import { refusals } from '#contracts/api/problem.ts';
import {
  Setting,
  SettingDiff,
  SettingDiffQuery,
  SettingList,
  SettingParams,
  SettingQuery,
  SettingRevisionList,
} from '#contracts/api/settings.ts';
import { streams } from '#contracts/events/streams.ts';
import { etagOf } from '#packages/http/etag.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { SettingRow } from '#packages/read-db/tables.ts';
import type { QueryApiDeps } from '../deps.ts';
import { reads, staff } from '../reading.ts';
import { loadNames } from '../reads/names.ts';
import { personActors } from '../views/event.ts';
import { settingRevision } from '../views/setting.ts';
import { settingDiff } from '../views/setting-diff.ts';

const settingView = ({ kind, id, revision, removed, value, saved_at }: SettingRow) => ({
  kind,
  id,
  revision,
  removed,
  value: value as Record<string, unknown>,
  savedAt: saved_at.toISOString(),
});

/** Who may see what the settings were before, and who changed them. */
const auditing = ['admin', 'supervisor', 'auditor'] as const;

export function registerSettingReads(app: HttpServer, deps: QueryApiDeps): void {
  const { db, store } = deps;
  const { preHandler, headers } = reads(deps, 'settings');
  const common = { tags: ['settings'], headers };

  /** From the log, oldest first. Rejects with NOT_FOUND when nothing of the name was ever saved. */
  const revisionsOf = async ({ kind, setting }: Static<typeof SettingParams>) => {
    const events = await store.readStream(streams.setting(kind, setting));
    if (events.length === 0) throw new AppError('NOT_FOUND', { detail: 'There is no such setting.' });
    const names = await loadNames(db, { people: personActors(events) });
    return events.flatMap((event) => settingRevision(event, names));
  };

  app.get(
    '/v1/settings',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'List settings in force',
        querystring: SettingQuery,
        response: { 200: SettingList, ...refusals('READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request) => {
      const { kind } = request.query;
      const inForce = db.selectFrom('settings').selectAll().where('removed', '=', false).orderBy('kind').orderBy('id');
      const rows = await onReadDb(() => (kind === undefined ? inForce : inForce.where('kind', '=', kind)).execute());
      return { items: rows.map(settingView) };
    },
  );

  app.get(
    '/v1/settings/:kind/:setting',
    {
      preHandler,
      config: { access: staff },
      schema: {
        ...common,
        summary: 'One setting',
        description: 'The newest revision, also of a setting that was removed. Its number is the ETag.',
        params: SettingParams,
        response: { 200: Setting, ...refusals('NOT_FOUND', 'READ_MODEL_UNAVAILABLE') },
      },
    },
    async (request, reply) => {
      const { kind, setting } = request.params;
      const found = db.selectFrom('settings').selectAll().where('kind', '=', kind).where('id', '=', setting);
      const row = await onReadDb(() => found.executeTakeFirst());
      if (!row) throw new AppError('NOT_FOUND', { detail: 'There is no such setting.' });
      reply.header('etag', etagOf(row.revision));
      return settingView(row);
    },
  );

  app.get(
    '/v1/settings/:kind/:setting/revisions',
    {
      preHandler,
      config: { access: auditing },
      schema: {
        ...common,
        summary: 'Revisions of a setting, from the log',
        description: 'Every save with its value, when it was made and by whom.',
        params: SettingParams,
        response: { 200: SettingRevisionList, ...refusals('NOT_FOUND', 'STORE_UNAVAILABLE') },
      },
    },
    async (request) => ({ items: await revisionsOf(request.params) }),
  );

  app.get(
    '/v1/settings/:kind/:setting/diff',
    {
      preHandler,
      config: { access: auditing },
      schema: {
        ...common,
        summary: 'What changed between two revisions of a setting',
        description: 'Without parameters: what the newest revision changed. A setting that was removed has no value.',
        params: SettingParams,
        querystring: SettingDiffQuery,
        response: { 200: SettingDiff, ...refusals('NOT_FOUND', 'REVISION_NOT_FOUND', 'STORE_UNAVAILABLE') },
      },
    },
    async (request) => {
      const { kind, setting: id } = request.params;
      return { kind, id, ...settingDiff(await revisionsOf(request.params), request.query) };
    },
  );
}
