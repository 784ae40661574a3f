import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Metric } from '#contracts/api/reports.ts';
import { decodeCursor } from '#packages/http/cursor.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase, TicketRow } from '#packages/read-db/tables.ts';
import { counts, inGroup, type Period, within } from './kpi.ts';
import { KeyInteger, type Page, pageOf } from './paging.ts';

export type KpiTicketRow = TicketRow & { figure_ms: bigint | null };

type Behind = {
  readonly condition: RawBuilder<boolean>;
  readonly figure?: RawBuilder<unknown>;
  readonly owner?: Parameters<typeof inGroup>[0];
};

/** Which tickets a figure counts, in the words of SQL; those of the report are the same. */
function behind(metric: Metric, period: Period, now: Date): Behind {
  const created = within('created_at', period);
  const ranOut = (column: string) => ({
    condition: sql<boolean>`${created} and ${counts} and ${sql.ref(`kpi_tickets.${column}`)}`,
  });
  switch (metric) {
    case 'first-response-time':
      return {
        condition: sql<boolean>`${within('first_response_at', period)} and ${counts}`,
        figure: sql.ref('kpi_tickets.first_response_ms'),
      };
    case 'resolution-time':
      return {
        condition: sql<boolean>`${within('resolved_at', period)} and ${counts}`,
        figure: sql.ref('kpi_tickets.resolution_ms'),
      };
    case 'first-response-breaches':
      return ranOut('first_response_breached');
    case 'next-response-breaches':
      return ranOut('next_response_breached');
    case 'resolution-breaches':
      return ranOut('resolution_breached');
    case 'overdue':
      return { condition: sql<boolean>`tickets.open and tickets.due_at <= ${now}`, owner: 'tickets.group_id' };
    case 'backlog':
      return { condition: sql<boolean>`tickets.open`, owner: 'tickets.group_id' };
    case 'created':
      return { condition: created, owner: 'kpi_tickets.first_group_id' };
    default:
      return metric satisfies never;
  }
}

/** One page of the tickets behind a figure, by number, with what each brings to it. */
export async function kpiTickets(
  db: Kysely<ReadDatabase>,
  ask: { metric: Metric; period: Period; now: Temporal.Instant; limit: number; cursor?: string },
): Promise<Page<KpiTicketRow>> {
  const { cursor, limit, metric, period } = ask;
  const {
    condition,
    figure = sql`null`,
    owner = 'kpi_tickets.group_id',
  } = behind(metric, period, new Date(ask.now.epochMilliseconds));
  const scope = { list: 'kpi', metric, ...period };

  let query = db
    .selectFrom('tickets')
    .innerJoin('kpi_tickets', 'kpi_tickets.ticket_id', 'tickets.id')
    .selectAll('tickets')
    .select(sql<bigint | null>`${figure}::bigint`.as('figure_ms'))
    .where(condition)
    .where(inGroup(owner, period))
    .orderBy('tickets.number')
    .limit(limit + 1);
  if (cursor !== undefined) query = query.where('tickets.number', '>', decodeCursor(scope, cursor, KeyInteger));

  const rows = await onReadDb(() => query.execute());
  return pageOf(rows, { limit, scope, keysOf: ({ number }) => number });
}
