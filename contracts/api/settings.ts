import { Type } from 'typebox';
import { Instant, OneOf, Slug, Strict } from '../primitives.ts';
import { type SettingKind, settingKinds } from '../settings.ts';
import { ActorRef } from './common.ts';

const Kind = OneOf(Object.keys(settingKinds) as SettingKind[]);

export const SettingParams = Strict({ kind: Kind, setting: Slug });
export const SettingQuery = Strict({ kind: Type.Optional(Kind) });

/** A value of its kind; which one is checked by the decider, so that a fault names the field of the right kind. */
export const SettingBody = Type.Record(Type.String(), Type.Unknown(), {
  title: 'SettingBody',
  description: 'a calendar, sla-policy, service, field or another, by the kind in the path',
});

const setting = {
  kind: Kind,
  id: Slug,
  revision: Type.Integer({ description: 'each save makes one' }),
  removed: Type.Boolean(),
  value: Type.Record(Type.String(), Type.Unknown()),
  savedAt: Instant,
};
export const Setting = Type.Object(setting, { title: 'Setting' });
export const SettingList = Type.Object({ items: Type.Array(Setting) }, { title: 'SettingList' });

export const SettingRevision = Type.Object({ ...setting, by: ActorRef }, { title: 'SettingRevision' });
export const SettingRevisionList = Type.Object(
  { items: Type.Array(SettingRevision, { description: 'oldest first' }) },
  { title: 'SettingRevisionList' },
);
