import { Changed, changeHeaders } from '#contracts/api/common.ts';
import { refusals } from '#contracts/api/problem.ts';
import { SettingBody, SettingParams } from '#contracts/api/settings.ts';
import type { HttpServer } from '#packages/http/instance.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import { changed, commandContext } from '../command-context.ts';
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
