import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { SettingEvent } from '#contracts/events/settings.ts';
import { Slug } from '#contracts/primitives.ts';
import { type SettingKind, settingKinds } from '#contracts/settings.ts';
import { AppError, type FieldError } from '#packages/kernel/errors.ts';
import { pointerStep } from '#packages/kernel/json-pointer.ts';
import type { Decider, Recorded } from './decider.ts';
import { faultsOf } from './setting-faults.ts';
import { userOf } from './setting-users.ts';
import type { SettingsLookup } from './settings.ts';

export type SettingState = {
  readonly exists: boolean;
  readonly removed: boolean;
  readonly value: unknown;
  /** What was saved, by revision; a revision that removed the setting has no value. */
  readonly saved: ReadonlyMap<number, unknown>;
};

export type SaveSetting = {
  readonly type: 'SaveSetting';
  /** The value is whatever the caller sent; the decider checks it. */
  readonly data: { readonly kind: SettingKind; readonly id: string; readonly value: unknown };
};
export type RemoveSetting = {
  readonly type: 'RemoveSetting';
  readonly data: { readonly kind: SettingKind; readonly id: string };
};
export type RestoreSetting = {
  readonly type: 'RestoreSetting';
  readonly data: { readonly kind: SettingKind; readonly id: string; readonly revision: number };
};
export type SettingCommand = SaveSetting | RemoveSetting | RestoreSetting;
type SavedData = Extract<SettingEvent, { type: 'SettingSaved' }>['data'];
export type SettingFacts = { readonly settings: SettingsLookup };

/**
 * One setting. Saving the value it has changes nothing, so each revision is a change. Restoring is saving what an older
 * revision held, by the rules of today. Refuses with SETTING_INVALID (a pointer per field at fault, from the root of
 * `{id, value}`), SETTING_IN_USE, REVISION_NOT_FOUND and NOT_FOUND.
 */
export const setting: Decider<SettingState, SettingCommand, SettingEvent, SettingFacts> = {
  initial: () => ({ exists: false, removed: false, value: null, saved: new Map() }),
  evolve,
  decide(command, state, facts) {
    switch (command.type) {
      case 'SaveSetting':
        return save(command.data, state, facts.settings);
      case 'RemoveSetting':
        return remove(command, state, facts.settings);
      case 'RestoreSetting':
        return restore(command, state, facts.settings);
      default:
        return command satisfies never;
    }
  },
};

function evolve(state: SettingState, event: Recorded<SettingEvent>): SettingState {
  switch (event.type) {
    case 'SettingSaved': {
      const { value } = event.data;
      return { exists: true, removed: false, value, saved: new Map(state.saved).set(event.version, value) };
    }
    case 'SettingRemoved':
      return { ...state, removed: true };
    default:
      return state;
  }
}

function save(data: SavedData, state: SettingState, settings: SettingsLookup): SettingEvent[] {
  const faults = [...schemaFaults(Slug, data.id, '/id'), ...valueFaults(data, state, settings)];
  if (faults.length > 0)
    throw new AppError('SETTING_INVALID', {
      detail: `This is no valid ${data.kind}: ${placeOf(faults[0])} ${faults[0]?.detail}.`,
      fields: faults,
    });
  const unchanged = state.exists && !state.removed && Value.Equal(state.value, data.value);
  return unchanged ? [] : [{ type: 'SettingSaved', data }];
}

/** Where a fault is, in words for whoever sent the value alone. */
const placeOf = (fault: FieldError | undefined): string => fault?.pointer.replace(/^\/(value\/?)?/, '') || 'it';

/** Faults of form first; rules are asked only of a value that has the form of its kind. */
function valueFaults(
  { kind, id, value }: SaveSetting['data'],
  { exists, value: before }: SettingState,
  settings: SettingsLookup,
): FieldError[] {
  const faults = schemaFaults(settingKinds[kind], value, '/value');
  return faults.length > 0 ? faults : faultsOf({ kind, id, value, before: exists ? before : null }, settings);
}

function schemaFaults(schema: TSchema, value: unknown, root: string): FieldError[] {
  const faults = new Map<string, FieldError>();
  for (const { keyword, instancePath, params, message } of Value.Errors(schema, value)) {
    // An unknown member is reported twice: as a schema `false` of its own and by the object it stands in.
    if (keyword === 'boolean') continue;
    const names = keyword === 'additionalProperties' ? params.additionalProperties.map(pointerStep) : [''];
    for (const name of names) {
      const pointer = `${root}${instancePath}${name}`;
      if (!faults.has(pointer)) faults.set(pointer, { pointer, detail: name ? 'is not a known member' : message });
    }
  }
  return [...faults.values()];
}

function remove({ data }: RemoveSetting, state: SettingState, settings: SettingsLookup): SettingEvent[] {
  if (!state.exists) throw new AppError('NOT_FOUND', { detail: `There is no ${data.kind} ${data.id}.` });
  if (state.removed) return [];
  const user = userOf(data.kind, data.id, settings);
  if (user)
    throw new AppError('SETTING_IN_USE', { detail: `The ${user.kind} ${user.id} names this one.`, extra: { user } });
  return [{ type: 'SettingRemoved', data }];
}

function restore({ data }: RestoreSetting, state: SettingState, settings: SettingsLookup): SettingEvent[] {
  const { kind, id, revision } = data;
  if (!state.exists) throw new AppError('NOT_FOUND', { detail: `There is no ${kind} ${id}.` });
  if (!state.saved.has(revision))
    throw new AppError('REVISION_NOT_FOUND', {
      fields: [{ pointer: '/revision', detail: 'is none that saved a value' }],
    });
  return save({ kind, id, value: state.saved.get(revision), restoredFrom: revision }, state, settings);
}
