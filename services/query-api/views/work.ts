import type { Static } from 'typebox';
import type { WorkEntry } from '#contracts/api/work.ts';
import type { WorkRow } from '#packages/read-db/tables-attributes.ts';
import type { Names } from '../reads/names.ts';

/** One piece of work on record. */
export const workEntry = (row: WorkRow, names: Names): Static<typeof WorkEntry> => ({
  id: row.work_id,
  person: names.person(row.person_id),
  company: names.company(row.company_id),
  minutes: row.minutes,
  billable: row.billable,
  specification: row.specification,
  startedAt: row.started_at?.toISOString() ?? null,
  loggedAt: row.logged_at.toISOString(),
  correctedAt: row.corrected_at?.toISOString() ?? null,
});
