import type { TicketSummary } from '#contracts/api/tickets.ts';
import { type SlaClock, slaClocks } from '#contracts/primitives.ts';
import type { TicketRow } from '#packages/read-db/tables.ts';
import type { Names } from '../reads/names.ts';
import { attributeSummaryOf } from './attributes.ts';
import { lifecycleView } from './lifecycle.ts';
import type { Reader } from './reader.ts';

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

const breachedClocks = ({ sla }: TicketRow): SlaClock[] => slaClocks.filter((clock) => sla[clock]?.breached);

/** Ids whose names the views of these tickets need. */
export const idsOf = (rows: readonly TicketRow[]) => ({
  people: rows.flatMap(({ requester_id, agent_id }) => [requester_id, agent_id]),
  companies: rows.map(({ company_id }) => company_id),
  groups: rows.map(({ group_id }) => group_id),
});

/** The version that somebody has seen: notes and deadlines do not show customers that they exist. */
export const versionFor = ({ public_version, version }: TicketRow, forCustomer: boolean): number =>
  forCustomer ? public_version : version;

/** A ticket as lists show it. Customers are not told of the desk's deadlines and groups. */
export function ticketSummary(row: TicketRow, names: Names, reader: Reader): TicketSummary {
  const { forCustomer } = reader;
  const due = row.due_at && row.due_clock ? { at: row.due_at.toISOString(), clock: row.due_clock } : null;
  return {
    id: row.id,
    number: row.number,
    subject: row.subject,
    status: row.status,
    priority: row.priority,
    channel: row.channel,
    requester: names.person(row.requester_id),
    company: names.company(row.company_id),
    group: forCustomer ? null : names.group(row.group_id),
    agent: names.personOrNull(row.agent_id),
    createdAt: row.created_at.toISOString(),
    updatedAt: (forCustomer ? row.public_at : row.updated_at).toISOString(),
    waitingSince: iso(row.waiting_since),
    resolvedAt: iso(row.resolved_at),
    ...lifecycleView(row, reader),
    due: forCustomer ? null : due,
    breached: forCustomer ? [] : breachedClocks(row),
    commentCount: forCustomer ? row.public_comment_count : row.comment_count,
    ...attributeSummaryOf(row, forCustomer),
    setAside: forCustomer && row.set_aside === 'spam' ? null : row.set_aside,
    version: versionFor(row, forCustomer),
  };
}
