import type { Static } from 'typebox';
import type { SettingDiff, SettingRevision } from '#contracts/api/settings.ts';
import { differences } from '#packages/domain/json-differences.ts';
import { AppError } from '#packages/kernel/errors.ts';

type Revision = Static<typeof SettingRevision>;
type Side = Static<typeof SettingDiff>['from'];

/**
 * What changed between two of the revisions of a setting, oldest first and at least one. Throws REVISION_NOT_FOUND for one
 * that there is not; 0 is the time before the first.
 */
export function settingDiff(
  revisions: readonly Revision[],
  { from, to = revisions.at(-1)?.revision ?? 0 }: { readonly from?: number; readonly to?: number },
): Pick<Static<typeof SettingDiff>, 'from' | 'to' | 'changes'> {
  const before = pick(revisions, from ?? to - 1, 'from');
  const after = pick(revisions, to, 'to');
  return { from: sideOf(before), to: sideOf(after), changes: [...differences(valueIn(before), valueIn(after))] };
}

function pick(revisions: readonly Revision[], wanted: number, pointer: 'from' | 'to'): Revision | null {
  const found = revisions.find(({ revision }) => revision === wanted);
  if (found) return found;
  if (wanted === 0) return null;
  throw new AppError('REVISION_NOT_FOUND', { fields: [{ pointer, detail: 'is no revision of the setting' }] });
}

const valueIn = (revision: Revision | null): unknown =>
  revision === null || revision.removed ? undefined : revision.value;

const sideOf = (revision: Revision | null): Side =>
  revision === null
    ? { revision: 0, removed: true, savedAt: null, by: null }
    : { revision: revision.revision, removed: revision.removed, savedAt: revision.savedAt, by: revision.by };
