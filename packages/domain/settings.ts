import type { SettingEvent } from '#contracts/events/settings.ts';
import type { SettingKind, SettingValue } from '#contracts/settings.ts';
import type { Recorded } from './decider.ts';

/** One save of a setting. Its version is the version of the setting's stream. */
export type Revision<K extends SettingKind = SettingKind> = {
  readonly kind: K;
  readonly id: string;
  readonly version: number;
  readonly value: SettingValue<K>;
  readonly savedAt: string;
};

export type SettingsLookup = {
  /** Newest revision of each setting of a kind that is not removed, in order of id. */
  inForce<K extends SettingKind>(kind: K): readonly Revision<K>[];
  /** Newest revision, or null when there is none or it was removed. */
  current<K extends SettingKind>(kind: K, id: string): Revision<K> | null;
  /** One revision ever saved, also of a removed setting: events of tickets name the versions they were decided by. */
  revision<K extends SettingKind>(kind: K, id: string, version: number): Revision<K> | null;
};

type History = { readonly revisions: readonly Revision[]; readonly removed: boolean };

export type SettingsState = { readonly [K in SettingKind]: ReadonlyMap<string, History> };

export const initialSettings = (): SettingsState => ({
  calendar: new Map(),
  'sla-policy': new Map(),
  'routing-rule': new Map(),
  mailbox: new Map(),
  status: new Map(),
  'lifecycle-policy': new Map(),
  satisfaction: new Map(),
  'ticket-type': new Map(),
  service: new Map(),
  'priority-matrix': new Map(),
  field: new Map(),
  form: new Map(),
  'canned-reply': new Map(),
  macro: new Map(),
  'article-category': new Map(),
});

/** Folds the events of all setting streams, each stream in its order. Ignores what it does not know. */
export function evolveSettings(state: SettingsState, event: Recorded<SettingEvent>): SettingsState {
  const { kind, id } = event.data;
  const settings = state[kind];
  if (settings === undefined) return state;
  const revisions = settings.get(id)?.revisions ?? [];
  switch (event.type) {
    case 'SettingSaved': {
      const { version, metadata } = event;
      // The write side checked the value against its kind, and upcasters keep old events in today's shape.
      const value = event.data.value as SettingValue<SettingKind>;
      const revision: Revision = { kind, id, version, value, savedAt: metadata.at };
      return replace(state, kind, id, { revisions: [...revisions, revision], removed: false });
    }
    case 'SettingRemoved':
      return replace(state, kind, id, { revisions, removed: true });
    default:
      return state;
  }
}

const replace = (state: SettingsState, kind: SettingKind, id: string, history: History): SettingsState => ({
  ...state,
  [kind]: new Map(state[kind]).set(id, history),
});

/** Reads a settings state. Values keep their identity, which the business hours cache relies on. */
export function settingsLookup(state: SettingsState): SettingsLookup {
  // `Revision` is only ever filed under its own kind.
  const history = <K extends SettingKind>(kind: K, id: string) =>
    state[kind].get(id) as { revisions: readonly Revision<K>[]; removed: boolean } | undefined;
  const current = <K extends SettingKind>(kind: K, id: string): Revision<K> | null => {
    const found = history(kind, id);
    return found && !found.removed ? (found.revisions.at(-1) ?? null) : null;
  };
  return {
    current,
    inForce: (kind) =>
      [...state[kind].keys()].sort().flatMap((id) => {
        const revision = current(kind, id);
        return revision ? [revision] : [];
      }),
    revision: (kind, id, version) => history(kind, id)?.revisions.find((it) => it.version === version) ?? null,
  };
}
