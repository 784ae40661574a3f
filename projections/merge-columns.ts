import type { StoredOf } from '#packages/projector/projection.ts';
import { timeOf } from './origin.ts';

/** Columns of people and companies that tell who goes on in their place. */
export const mergeColumns = { merged_into: 'uuid', merge_id: 'uuid', merged_at: 'timestamptz' } as const;

export const notMerged = { merged_into: null, merge_id: null, merged_at: null } as const;

/** Those columns after a merge. Only the merged one's own word counts: offers leave nothing in read models. */
export const mergedBy = (event: StoredOf<'PersonMerged' | 'CompanyMerged'>) => ({
  merged_into: event.data.into,
  merge_id: event.data.mergeId,
  merged_at: timeOf(event),
});
