import { Changed, changeHeaders, ticketChangeHeaders } from '#contracts/api/common.ts';
import { refusals } from '#contracts/api/problem.ts';
import { RestoreSettingBody, SettingBody, SettingParams } from '#contracts/api/settings.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { changed, commandContext, ticketChangeContext } from '../command-context.ts';
import type { CommandApiDeps } from '../deps.ts';

/** The decider points into its command, where the setting is the member `value`; callers sent the setting alone. */
async function withBodyPointers<T>(save: Promise<T>): Promise<T> {
  try {
    return await save;
  } catch (error) {
    if (!isAppError(error, 'SETTING_INVALID')) throw error;
    const fields = error.fields.map(({ pointer, detail }) => ({ pointer: pointer.replace(/^\/value/, ''), detail }));
    throw new AppError(error.code, { detail: error.message, fields, extra: error.extra, cause: error });
  }
}

export function registerSettingCommands(app: HttpServer, { settings }: CommandApiDeps): void {
  app.put(
    '/v1/settings/:kind/:setting',
    {
      config: { access: ['admin'], commands: ['SaveSetting'] },
      schema: {
        summary: 'Save a setting',
        description:
          'Makes a new revision, or nothing when it is the same. Tickets keep the revisions that they were timed by.',
        tags: ['settings'],
        headers: changeHeaders,
        params: SettingParams,
        body: SettingBody,
        response: { 200: Changed, ...refusals('SETTING_INVALID', 'IDEMPOTENCY_KEY_REUSED') },
      },
    },
    async (request, reply) => {
      const { kind, setting } = request.params;
      return changed(
        reply,
        await withBodyPointers(settings.save(kind, setting, request.body, commandContext(request))),
      );
    },
  );

  app.post(
    '/v1/settings/:kind/:setting/restore',
    {
      config: { access: ['admin'], commands: ['RestoreSetting'] },
      schema: {
        summary: 'Restore an older revision of a setting',
        description:
          'Makes a new revision with the value of the older one, also of a setting that was removed. It has to fit what ' +
          'is in force today: a fault points into the restored value. Nothing is made when it is the same.',
        tags: ['settings'],
        headers: ticketChangeHeaders,
        params: SettingParams,
        body: RestoreSettingBody,
        response: {
          200: Changed,
          ...refusals(
            ...(['NOT_FOUND', 'REVISION_NOT_FOUND', 'SETTING_INVALID', 'IDEMPOTENCY_KEY_REUSED'] as const),
            ...(['VERSION_CONFLICT', 'PRECONDITION_REQUIRED'] as const),
          ),
        },
      },
    },
    async (request, reply) => {
      const { kind, setting } = request.params;
      const restored = settings.restore(kind, setting, request.body.revision, ticketChangeContext(request));
      return changed(reply, await withBodyPointers(restored));
    },
  );

  app.delete(
    '/v1/settings/:kind/:setting',
    {
      config: { access: ['admin'], commands: ['RemoveSetting'] },
      schema: {
        summary: 'Remove a setting',
        description: 'It is no longer in force; its revisions stay.',
        tags: ['settings'],
        headers: changeHeaders,
        params: SettingParams,
        response: { 200: Changed, ...refusals('SETTING_IN_USE', 'NOT_FOUND') },
      },
    },
    async (request, reply) => {
      const { kind, setting } = request.params;
      return changed(reply, await settings.remove(kind, setting, commandContext(request)));
    },
  );
}
