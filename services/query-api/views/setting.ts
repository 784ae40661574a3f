import type { Static } from 'typebox';
import type { SettingRevision } from '#contracts/api/settings.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { Names } from '../reads/names.ts';

/** What an event did to a setting: a save with its value, or a removal without one. */
export function settingRevision(event: StoredEvent, names: Names): Static<typeof SettingRevision>[] {
  if (event.type !== 'SettingSaved' && event.type !== 'SettingRemoved') return [];
  const { kind, id } = event.data;
  const value = event.type === 'SettingSaved' ? (event.data.value as Record<string, unknown>) : {};
  const by = names.actor(event.metadata.actor.kind, event.metadata.actor.id);
  const removed = event.type === 'SettingRemoved';
  const restoredFrom = (event.type === 'SettingSaved' && event.data.restoredFrom) || null;
  return [{ kind, id, revision: event.version, removed, value, savedAt: event.metadata.at, restoredFrom, by }];
}
