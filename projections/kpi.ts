import { idOf } from '#contracts/events/streams.ts';
import type { SlaClock } from '#contracts/primitives.ts';
import { isConversation } from '#packages/domain/ticket/state.ts';
import { isDone } from '#packages/domain/ticket/status.ts';
import { defineProjection, type RowsOf, type StoredOf, type Table } from '#packages/projector/projection.ts';
import type { KpiDayRow, KpiTicketRow } from '#packages/read-db/tables.ts';
import { originColumns, originOf, timeOf } from './origin.ts';
import { isSetAsideEvent, type SetAsideEvent, setAsideBy, setAsideTypes } from './set-aside.ts';

const ticketRows: Table<KpiTicketRow, 'ticket_id'> = {
  key: ['ticket_id'],
  columns: {
    ticket_id: 'uuid not null',
    number: 'integer not null',
    created_at: 'timestamptz not null',
    channel: 'text not null',
    company_id: 'uuid',
    mailbox_id: 'text',
    priority: 'text not null',
    group_id: 'uuid',
    first_group_id: 'uuid',
    agent_id: 'uuid',
    status: 'text not null',
    open: 'boolean not null',
    first_response_at: 'timestamptz',
    first_response_ms: 'bigint',
    first_response_business_ms: 'bigint',
    first_resolved_at: 'timestamptz',
    resolved_at: 'timestamptz',
    resolution_ms: 'bigint',
    resolution_business_ms: 'bigint',
    reopened_count: 'integer not null',
    closed_at: 'timestamptz',
    first_response_breached: 'boolean not null',
    next_response_breached: 'boolean not null',
    resolution_breached: 'boolean not null',
    set_aside_at: 'timestamptz',
    ...originColumns,
  },
  indexes: ['(created_at)', '(first_response_at)', '(resolved_at)', '(group_id) where open'],
};

const dayRows: Table<KpiDayRow, 'day' | 'group_id'> = {
  key: ['day', 'group_id'],
  columns: {
    day: 'date not null',
    group_id: 'uuid not null',
    created: 'integer not null',
    resolved: 'integer not null',
    reopened: 'integer not null',
    moved_in: 'integer not null',
    moved_out: 'integer not null',
    set_aside: 'integer not null',
  },
  indexes: ['(group_id, day)'],
};

const changeTypes = [
  'TicketAssigned',
  'TicketCommented',
  'TicketStatusChanged',
  'TicketPriorityChanged',
  'TicketCompanyChanged',
  'TicketSlaBreached',
  'TicketSlaStopped',
  ...setAsideTypes,
] as const;
type Change = StoredOf<(typeof changeTypes)[number]>;
type Rows = RowsOf<{ kpi_tickets: typeof ticketRows; kpi_days: typeof dayRows }>;

/**
 * The figures of each ticket and the flow of tickets per UTC day, from which all KPI are computed:
 * - *First response*: the first public message of an agent; notes, automatic mail and what services write do not count.
 *   Calendar time from creation, business time as the SLA clock measured it (null without such a clock).
 * - *Resolved*: the ticket became done, that is resolved, or closed without that. Reopening takes it back, so that
 *   resolution times are those of tickets that are done, measured to the last time they became so.
 * - *Breached*: a breach of that SLA clock is on record, also when the clock got a later due time afterwards.
 * - *Created per day* counts for the group that the ticket reached first, before it was ever resolved; open tickets that
 *   change hands later are moved_in and moved_out on that day; resolved and reopened count for the group at that moment.
 * - *Set aside* (merged, spam): an open ticket leaves the backlog on that day, and comes back as if it had never left it:
 *   the count of that day is taken back. It does count as created.
 *   Thus the backlog of a group at the end of a day is created + reopened + moved_in - resolved - moved_out - set_aside of
 *   all days up to it.
 */
export const kpi = defineProjection({
  name: 'kpi',
  version: 4,
  tables: { kpi_tickets: ticketRows, kpi_days: dayRows },
  handles: ['TicketCreated', ...changeTypes],
  fold: (event, rows) => {
    if (event.type === 'TicketCreated') {
      count(rows, timeOf(event), null, { created: 1 });
      return rows.kpi_tickets.put(created(event));
    }
    const row = rows.kpi_tickets.get({ ticket_id: idOf(event.stream) });
    if (!row) return;
    if (event.type === 'TicketAssigned') countMove(rows, row, event);
    if (event.type === 'TicketStatusChanged') countStatus(rows, row, event);
    if (isSetAsideEvent(event)) countSetAside(rows, row, event);
    rows.kpi_tickets.put({ ...row, ...changes(row, event), ...originOf(event) });
  },
});

function created(event: StoredOf<'TicketCreated'>): KpiTicketRow {
  const { data } = event;
  return {
    ticket_id: idOf(event.stream),
    number: data.number,
    created_at: timeOf(event),
    channel: data.channel,
    company_id: data.companyId,
    mailbox_id: data.mailboxId,
    priority: data.priority,
    group_id: null,
    first_group_id: null,
    agent_id: null,
    status: 'new',
    open: true,
    first_response_at: null,
    first_response_ms: null,
    first_response_business_ms: null,
    first_resolved_at: null,
    resolved_at: null,
    resolution_ms: null,
    resolution_business_ms: null,
    reopened_count: 0,
    closed_at: null,
    first_response_breached: false,
    next_response_breached: false,
    resolution_breached: false,
    set_aside_at: null,
    ...originOf(event),
  };
}

function changes(row: KpiTicketRow, event: Change): Partial<KpiTicketRow> {
  if (isSetAsideEvent(event)) return { set_aside_at: setAsideBy(event) === null ? null : timeOf(event) };
  switch (event.type) {
    case 'TicketAssigned': {
      const { agentId, groupId } = event.data;
      const first_group_id = hasArrived(row) ? row.first_group_id : groupId;
      return { group_id: groupId, agent_id: agentId, first_group_id };
    }
    case 'TicketPriorityChanged':
      return { priority: event.data.to };
    case 'TicketCompanyChanged':
      return { company_id: event.data.to };
    case 'TicketCommented': {
      if (row.first_response_at || !isHumanAnswer(event)) return {};
      return { first_response_at: timeOf(event), first_response_ms: since(row.created_at, timeOf(event)) };
    }
    case 'TicketStatusChanged':
      return statusChange(row, event);
    case 'TicketSlaBreached':
      return breachOf[event.data.clock];
    case 'TicketSlaStopped':
      return event.data.outcome === 'cancelled' ? {} : businessTime(event);
  }
}

/** What a service writes without a mail behind it, a rule has written. */
const isHumanAnswer = ({ data, metadata }: StoredOf<'TicketCommented'>): boolean =>
  data.authorRole === 'agent' &&
  isConversation(data) &&
  (metadata.actor.kind === 'person' || data.message.mail !== null);

const since = (from: Date, to: Date): bigint => BigInt(to.getTime() - from.getTime());

function statusChange(row: KpiTicketRow, event: StoredOf<'TicketStatusChanged'>): Partial<KpiTicketRow> {
  const at = timeOf(event);
  const status = event.data.to;
  if (!isDone(status)) {
    const undone = { resolved_at: null, resolution_ms: null, resolution_business_ms: null, closed_at: null };
    return { status, open: true, ...(row.open ? {} : { ...undone, reopened_count: row.reopened_count + 1 }) };
  }
  // Another custom status of a closed ticket closes it no second time.
  const closed_at = status === 'closed' ? (row.closed_at ?? at) : row.closed_at;
  if (!row.open) return { status, closed_at };
  const first_resolved_at = row.first_resolved_at ?? at;
  return {
    status,
    open: false,
    first_resolved_at,
    resolved_at: at,
    resolution_ms: since(row.created_at, at),
    closed_at,
  };
}

const breachOf: Record<SlaClock, Partial<KpiTicketRow>> = {
  'first-response': { first_response_breached: true },
  'next-response': { next_response_breached: true },
  resolution: { resolution_breached: true },
};

function businessTime({ data }: StoredOf<'TicketSlaStopped'>): Partial<KpiTicketRow> {
  switch (data.clock) {
    case 'first-response':
      return { first_response_business_ms: BigInt(data.elapsedMs) };
    case 'resolution':
      return { resolution_business_ms: BigInt(data.elapsedMs) };
    case 'next-response':
      return {};
  }
}

/** True once it is settled which group a ticket counts as created for: its first, or none when it was resolved before. */
const hasArrived = ({ first_group_id, first_resolved_at }: KpiTicketRow): boolean =>
  first_group_id !== null || first_resolved_at !== null;

function countMove(rows: Rows, row: KpiTicketRow, event: StoredOf<'TicketAssigned'>): void {
  const { groupId } = event.data;
  if (groupId === row.group_id || !row.open) return;
  const [at, out, into] = hasArrived(row)
    ? [timeOf(event), { moved_out: 1 }, { moved_in: 1 }]
    : [row.created_at, { created: -1 }, { created: 1 }];
  count(rows, at, row.group_id, out);
  count(rows, at, groupId, into);
}

function countStatus(rows: Rows, row: KpiTicketRow, event: StoredOf<'TicketStatusChanged'>): void {
  const open = !isDone(event.data.to);
  if (open !== row.open) count(rows, timeOf(event), row.group_id, open ? { reopened: 1 } : { resolved: 1 });
}

function countSetAside(rows: Rows, row: KpiTicketRow, event: SetAsideEvent): void {
  if (!row.open) return;
  if (setAsideBy(event) !== null) count(rows, timeOf(event), row.group_id, { set_aside: 1 });
  else if (row.set_aside_at) count(rows, row.set_aside_at, row.group_id, { set_aside: -1 });
}

type Counters = Omit<KpiDayRow, 'day' | 'group_id'>;
const noGroup = '00000000-0000-0000-0000-000000000000';
const none: Counters = { created: 0, resolved: 0, reopened: 0, moved_in: 0, moved_out: 0, set_aside: 0 };

function count(rows: Rows, at: Date, group: string | null, by: Partial<Counters>): void {
  const key = { day: at.toISOString().slice(0, 10), group_id: group ?? noGroup };
  const row = rows.kpi_days.get(key) ?? { ...key, ...none };
  const counted = { ...row };
  const counters = Object.keys(none) as (keyof Counters)[];
  for (const counter of counters) counted[counter] += by[counter] ?? 0;
  // A day on which everything was taken back is like one on which nothing happened.
  if (counters.every((counter) => counted[counter] === 0)) rows.kpi_days.delete(key);
  else rows.kpi_days.put(counted);
}
