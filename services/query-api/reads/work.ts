import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { WorkGrouping } from '#contracts/api/work.ts';
import { idsOfOne } from '#packages/read-db/identities.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import type { WorkRow } from '#packages/read-db/tables-attributes.ts';

export type WorkPeriod = {
  /** UTC days, inclusive. */
  readonly from: string;
  readonly to: string;
  readonly by: WorkGrouping;
  readonly person?: string;
  readonly company?: string;
  readonly billable?: boolean;
};

export type WorkSum = {
  readonly key: string | null;
  readonly entries: number;
  readonly minutes: number;
  readonly billableMinutes: number;
};

/** Work on a ticket, in the order it was logged. */
export const workOf = (db: Kysely<ReadDatabase>, ticketId: string): Promise<readonly WorkRow[]> =>
  onReadDb(() => db.selectFrom('work').selectAll().where('ticket_id', '=', ticketId).orderBy('position').execute());

const keys: Record<WorkGrouping, RawBuilder<string | null>> = {
  person: sql`work.person_id::text`,
  // As the one that goes on, where it was merged.
  company: sql`coalesce((
    with recursive up (id, merged_into) as (
      select c.id, c.merged_into from read.companies c where c.id = work.company_id
      union
      select next.id, next.merged_into from up join read.companies next on next.id = up.merged_into)
    select id from up where merged_into is null), work.company_id)::text`,
  ticket: sql`tickets.number::text`,
  day: sql`to_char(work.worked_at at time zone 'UTC', 'YYYY-MM-DD')`,
  month: sql`to_char(work.worked_at at time zone 'UTC', 'YYYY-MM')`,
};

/** Sums of the work of a period: most minutes first, days and months in their order. */
export async function workSums(db: Kysely<ReadDatabase>, period: WorkPeriod): Promise<readonly WorkSum[]> {
  const { billable, by, company, from, person, to } = period;
  const minutes = sql<number>`sum(work.minutes)::int`;
  let query = db
    .selectFrom('work')
    .innerJoin('tickets', 'tickets.id', 'work.ticket_id')
    .where(sql<boolean>`work.worked_at >= (${from}::date)::timestamp at time zone 'UTC'`)
    .where(sql<boolean>`work.worked_at < (${to}::date + 1)::timestamp at time zone 'UTC'`)
    .select([
      keys[by].as('key'),
      sql<number>`count(*)::int`.as('entries'),
      minutes.as('minutes'),
      sql<number>`coalesce(sum(work.minutes) filter (where work.billable), 0)::int`.as('billableMinutes'),
    ])
    .groupBy(sql`1`);
  if (person !== undefined) query = query.where('work.person_id', '=', person);
  if (company !== undefined) query = query.where('work.company_id', 'in', await idsOfOne(db, 'companies', company));
  if (billable !== undefined) query = query.where('work.billable', '=', billable);
  if (by === 'person' || by === 'company' || by === 'ticket') query = query.orderBy(minutes, 'desc');
  return onReadDb(() => query.orderBy(sql`1`).execute());
}
