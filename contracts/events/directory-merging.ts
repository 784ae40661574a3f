import { OneOf, Strict, Uuid } from '../primitives.ts';

const mergeId = Uuid;
const absorbed = Strict({ mergeId, from: { ...Uuid, description: 'who is to be merged into this one' } });
const merged = Strict({ mergeId, into: { ...Uuid, description: 'who goes on in their place' } });
const released = Strict({ mergeId, from: Uuid, reason: OneOf(['declined', 'unmerged']) });

/** Merging of two people that are one: offered on who goes on, settled on the other, whose word alone counts. */
export const personMergeEvents = {
  PersonAbsorbed: absorbed,
  PersonMerged: merged,
  PersonMergeDeclined: Strict({ mergeId, into: Uuid, reason: OneOf(['cycle', 'merged', 'roles']) }),
  PersonReleased: released,
  PersonUnmerged: merged,
} as const;

/** The same of two companies. */
export const companyMergeEvents = {
  CompanyAbsorbed: absorbed,
  CompanyMerged: merged,
  CompanyMergeDeclined: Strict({ mergeId, into: Uuid, reason: OneOf(['cycle', 'merged']) }),
  CompanyReleased: released,
  CompanyUnmerged: merged,
} as const;
