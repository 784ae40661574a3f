import { type Static, Type } from 'typebox';
import { OneOf } from '../primitives.ts';

export const Liveness = Type.Object({ status: OneOf(['ok']) }, { title: 'Liveness' });

export const CheckResult = Type.Object(
  {
    name: Type.String(),
    ok: Type.Boolean(),
    detail: Type.String({ description: 'one line for an operator' }),
    ms: Type.Number({ description: 'time the check took, milliseconds' }),
  },
  { title: 'CheckResult' },
);
export type CheckResult = Static<typeof CheckResult>;

export const Readiness = Type.Object(
  { ready: Type.Boolean(), checks: Type.Array(CheckResult) },
  { title: 'Readiness' },
);
export type Readiness = Static<typeof Readiness>;
