import { Type } from 'typebox';
import { OneOf, Slug, Strict } from '../primitives.ts';
import { type SettingKind, settingKinds } from '../settings.ts';
import type { EventOf } from './envelope.ts';

const Kind = OneOf(Object.keys(settingKinds) as SettingKind[]);

/** Each save is an event, so the version of the stream is the revision of the setting. */
export const settingEvents = {
  SettingSaved: Strict({
    kind: Kind,
    id: Slug,
    value: Type.Unknown(),
    restoredFrom: Type.Optional(
      Type.Integer({ minimum: 1, description: 'the older revision that was restored; left out: it was written anew' }),
    ),
  }),
  SettingRemoved: Strict({ kind: Kind, id: Slug }),
} as const;

export type SettingEvent = EventOf<typeof settingEvents>;
