import { type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

/** Whole UTC days, both inclusive, and the group: an id, `none`, or undefined for all. */
export type Period = { readonly from: string; readonly to: string; readonly group: string | undefined };

const noGroup = '00000000-0000-0000-0000-000000000000';

/** First instant of the period and first instant after it. */
export function boundsOf({ from, to }: Period): { start: Date; end: Date } {
  const end = Temporal.PlainDate.from(to).add({ days: 1 });
  return { start: new Date(`${from}T00:00:00Z`), end: new Date(`${end.toString()}T00:00:00Z`) };
}

export const within = (column: 'created_at' | 'first_response_at' | 'resolved_at', period: Period) => {
  const { start, end } = boundsOf(period);
  return sql<boolean>`${sql.ref(`kpi_tickets.${column}`)} >= ${start} and ${sql.ref(`kpi_tickets.${column}`)} < ${end}`;
};

/** Condition on the group of a ticket, `true` when the period is of all groups. */
export function inGroup(
  owner: 'kpi_tickets.group_id' | 'kpi_tickets.first_group_id' | 'tickets.group_id',
  { group }: Period,
): RawBuilder<boolean> {
  const column = sql.ref(owner);
  if (group === undefined) return sql<boolean>`true`;
  return group === 'none' ? sql<boolean>`${column} is null` : sql<boolean>`${column} = ${group}`;
}

/** Merged tickets and spam say nothing of how customers are served. */
export const counts = sql<boolean>`kpi_tickets.set_aside_at is null`;

export type DurationFigures = {
  tickets: number;
  averageMs: number | null;
  medianMs: number | null;
  p90Ms: number | null;
  averageBusinessMs: number | null;
};

/** Average, median and 90th percentile of a duration over the tickets whose end of it lies in the period. */
export async function durations(
  db: Kysely<ReadDatabase>,
  kind: 'first_response' | 'resolution',
  period: Period,
): Promise<DurationFigures> {
  const ms = sql.ref(`${kind}_ms`);
  const rounded = (figure: RawBuilder<unknown>) => sql<number | null>`round(${figure})::float8`;
  return onReadDb(() =>
    db
      .selectFrom('kpi_tickets')
      .where(within(kind === 'resolution' ? 'resolved_at' : 'first_response_at', period))
      .where(inGroup('kpi_tickets.group_id', period))
      .where(counts)
      .select([
        sql<number>`count(*)::int`.as('tickets'),
        rounded(sql`avg(${ms})`).as('averageMs'),
        rounded(sql`percentile_cont(0.5) within group (order by ${ms})`).as('medianMs'),
        rounded(sql`percentile_cont(0.9) within group (order by ${ms})`).as('p90Ms'),
        rounded(sql`avg(${sql.ref(`${kind}_business_ms`)})`).as('averageBusinessMs'),
      ])
      .executeTakeFirstOrThrow(),
  );
}

/** Of the tickets created in the period: how many there are, and how many of them each clock ran out on. */
export async function breaches(db: Kysely<ReadDatabase>, period: Period) {
  const count = (column: string) => sql<number>`count(*) filter (where ${sql.ref(column)})::int`;
  return onReadDb(() =>
    db
      .selectFrom('kpi_tickets')
      .where(within('created_at', period))
      .where(inGroup('kpi_tickets.group_id', period))
      .where(counts)
      .select([
        sql<number>`count(*)::int`.as('created'),
        count('first_response_breached').as('firstResponse'),
        count('next_response_breached').as('nextResponse'),
        count('resolution_breached').as('resolution'),
      ])
      .executeTakeFirstOrThrow(),
  );
}

/** Open tickets now, and those of them on which a running clock is past its due time. */
export async function backlogNow(db: Kysely<ReadDatabase>, period: Period, now: Date) {
  return onReadDb(() =>
    db
      .selectFrom('tickets')
      .where('open', '=', true)
      .where(inGroup('tickets.group_id', period))
      .select([
        sql<number>`count(*)::int`.as('backlog'),
        sql<number>`count(*) filter (where due_at <= ${now})::int`.as('overdue'),
      ])
      .executeTakeFirstOrThrow(),
  );
}

export type KpiDay = { day: string; created: number; resolved: number; backlog: number };

const flow = sql<number>`coalesce(sum(created + reopened + moved_in - resolved - moved_out - set_aside), 0)::int`;

const inDayGroup = <O>(query: SelectQueryBuilder<ReadDatabase, 'kpi_days', O>, { group }: Period) =>
  group === undefined ? query : query.where('group_id', '=', group === 'none' ? noGroup : group);

/** Created and resolved per day of the period, and how many tickets were open at the end of each. */
export async function daily(db: Kysely<ReadDatabase>, period: Period): Promise<readonly KpiDay[]> {
  const days = inDayGroup(db.selectFrom('kpi_days'), period);
  const [before, rows] = await Promise.all([
    onReadDb(() => days.where('day', '<', period.from).select(flow.as('flow')).executeTakeFirstOrThrow()),
    onReadDb(() =>
      days
        .where('day', '>=', period.from)
        .where('day', '<=', period.to)
        .groupBy('day')
        .select([
          'day',
          sql<number>`sum(created)::int`.as('created'),
          sql<number>`sum(resolved)::int`.as('resolved'),
          flow.as('flow'),
        ])
        .execute(),
    ),
  ]);
  const byDay = new Map(rows.map((row) => [row.day, row]));
  let backlog = before.flow;
  return daysOf(period).map((day) => {
    const { created = 0, resolved = 0, flow: change = 0 } = byDay.get(day) ?? {};
    backlog += change;
    return { day, created, resolved, backlog };
  });
}

function daysOf({ from, to }: Period): string[] {
  const days: string[] = [];
  for (let day = Temporal.PlainDate.from(from); day.toString() <= to; day = day.add({ days: 1 }))
    days.push(day.toString());
  return days;
}
