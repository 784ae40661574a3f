import type { TicketSummary } from '#contracts/api/tickets.ts';
import type { TimelineRow } from '#packages/read-db/tables.ts';
import type { LifecycleColumns } from '#packages/read-db/tables-lifecycle.ts';
import type { Reader } from './reader.ts';

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

/** Where a ticket is in its course. Customers are not told what the desk calls a status inside, nor when it returns. */
export function lifecycleView(
  row: LifecycleColumns,
  reader: Reader,
): Pick<TicketSummary, 'customStatus' | 'resumeAt' | 'closesAt' | 'reopenUntil' | 'customerSilent'> {
  return {
    customStatus: customStatus(row, reader),
    resumeAt: reader.forCustomer ? null : iso(row.resume_at),
    closesAt: iso(row.closes_at),
    reopenUntil: iso(row.reopen_until),
    customerSilent: row.pending_since && {
      since: row.pending_since.toISOString(),
      reminders: row.reminders,
      resolvesAt: iso(row.resolves_at),
    },
  };
}

function customStatus({ status_id: id, status_version: version }: LifecycleColumns, { statusNow }: Reader) {
  const name = id === null ? null : statusNow(id, version ?? 1);
  return id === null || name === null ? null : { id, name };
}

/** What changed. A change of status is told with the name of the status at that time, to customers by its public one only. */
export function lifecycleDetail(
  { detail, kind }: TimelineRow,
  { forCustomer, statusThen }: Reader,
): TimelineRow['detail'] {
  if (kind === 'reminder') return forCustomer ? { count: detail['count'] } : detail;
  if (kind !== 'status') return detail;
  const { from, reason, statusId, statusVersion, to } = detail;
  const version = typeof statusVersion === 'number' ? statusVersion : 1;
  const name = typeof statusId === 'string' ? statusThen(statusId, version) : null;
  const told = forCustomer ? { from, to, reason } : detail;
  return name === null ? told : { ...told, name };
}
