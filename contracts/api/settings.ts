import { Type } from 'typebox';
import { Instant, Nullable, OneOf, Slug, Strict } from '../primitives.ts';
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

const Revision = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });
export const RestoreSettingBody = Strict({ revision: { ...Revision, description: 'the one to restore' } });

const restoredFrom = Nullable({ ...Revision, description: 'the older revision that was restored by this one' });
export const SettingRevision = Type.Object({ ...setting, restoredFrom, by: ActorRef }, { title: 'SettingRevision' });
export const SettingRevisionList = Type.Object(
  { items: Type.Array(SettingRevision, { description: 'oldest first' }) },
  { title: 'SettingRevisionList' },
);

export const SettingDiffQuery = Strict({
  from: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 2_147_483_647,
      description: '0: before the setting was first saved; left out: the revision before `to`',
    }),
  ),
  to: Type.Optional({ ...Revision, description: 'left out: the newest revision' }),
});

const Side = Type.Object(
  {
    revision: Type.Integer(),
    removed: Type.Boolean({ description: 'there was no setting then, so that it has no value' }),
    savedAt: Nullable(Instant),
    by: Nullable(ActorRef),
  },
  { title: 'SettingDiffSide' },
);
const Difference = Type.Object(
  {
    pointer: Type.String({ description: 'RFC 6901 pointer into the values; empty: the whole of them' }),
    before: Type.Optional(Type.Unknown({ description: 'left out: nothing was there; null is a value' })),
    after: Type.Optional(Type.Unknown({ description: 'left out: nothing is there' })),
  },
  { title: 'Difference' },
);
export const SettingDiff = Type.Object(
  {
    kind: Kind,
    id: Slug,
    from: Side,
    to: Side,
    changes: Type.Array(Difference, { description: 'at the deepest places that differ; lists place by place' }),
  },
  { title: 'SettingDiff' },
);
