import { streams } from '#contracts/events/streams.ts';
import type { SettingKind } from '#contracts/settings.ts';
import { setting } from '#packages/domain/setting.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import type { CommandHandler } from '#packages/event-store/handle-command.ts';
import type { Position } from '#packages/event-store/port.ts';
import { type CommandContext, commandsOf, type Outcome, outcomeOf } from './context.ts';

/** Longest wait for a saved setting to be in force in this process. */
const inForceMs = 5_000;

type SettingsHere = {
  current(): SettingsLookup;
  reached(position: Position, timeoutMs: number): Promise<boolean>;
};

/**
 * The write side of settings: each save is a revision. A value that does not fit its kind is SETTING_INVALID. When a
 * function resolves, the next decision in this process knows the change; other processes follow within moments.
 */
export function createSettingCommands({ handle, settings }: { handle: CommandHandler; settings: SettingsHere }) {
  const run = commandsOf(handle, setting);

  const change = async (
    kind: SettingKind,
    id: string,
    command: Parameters<typeof run>[1],
    context: CommandContext,
  ): Promise<Outcome> => {
    const done = await run(streams.setting(kind, id), command, context, () => ({ settings: settings.current() }));
    // Nothing hangs on the answer: the change is in the log either way.
    await settings.reached(done.position, inForceMs);
    return outcomeOf(done);
  };

  return {
    save: (kind: SettingKind, id: string, value: unknown, context: CommandContext) =>
      change(kind, id, { type: 'SaveSetting', data: { kind, id, value } }, context),
    remove: (kind: SettingKind, id: string, context: CommandContext) =>
      change(kind, id, { type: 'RemoveSetting', data: { kind, id } }, context),
    /** Saves what an older revision held. Rejects also with REVISION_NOT_FOUND. */
    restore: (kind: SettingKind, id: string, revision: number, context: CommandContext) =>
      change(kind, id, { type: 'RestoreSetting', data: { kind, id, revision } }, context),
  };
}

export type SettingCommands = ReturnType<typeof createSettingCommands>;
