import { idOf } from '#contracts/events/streams.ts';
import { slaClocks } from '#contracts/primitives.ts';
import { isConversation } from '#packages/domain/ticket/state.ts';
import { isDone } from '#packages/domain/ticket/status.ts';
import { defineProjection, type StoredOf, type Table } from '#packages/projector/projection.ts';
import type { TicketRow } from '#packages/read-db/tables.ts';
import type { TicketNoteRow } from '#packages/read-db/tables-conversation.ts';
import { audienceAfter, audienceColumns, firstAudience } from './audience.ts';
import { lifecycleAfter, lifecycleColumns, newLifecycle } from './lifecycle-columns.ts';
import { originColumns, originOf, timeOf } from './origin.ts';
import { isSetAsideEvent, type SetAsideEvent, setAsideBy, setAsideTypes } from './set-aside.ts';
import { clockAfter, slaEventTypes } from './sla-clocks.ts';
import {
  type AttributeEvent,
  assessmentOf,
  attributeChanges,
  attributeColumns,
  attributeEventTypes,
  attributeIndexes,
  firstColumns,
} from './ticket-attributes.ts';

const tickets: Table<TicketRow, 'id'> = {
  key: ['id'],
  columns: {
    id: 'uuid not null',
    number: 'integer not null',
    subject: 'text not null',
    status: 'text not null',
    open: 'boolean not null',
    priority: 'text not null',
    channel: 'text not null',
    requester_id: 'uuid not null',
    company_id: 'uuid',
    mailbox_id: 'text',
    follow_up_of: 'uuid',
    group_id: 'uuid',
    agent_id: 'uuid',
    created_at: 'timestamptz not null',
    updated_at: 'timestamptz not null',
    last_customer_at: 'timestamptz not null',
    last_agent_at: 'timestamptz',
    waiting_since: 'timestamptz',
    comment_count: 'integer not null',
    resolved_at: 'timestamptz',
    ...lifecycleColumns,
    sla: 'jsonb not null',
    due_at: 'timestamptz',
    due_clock: 'text',
    breached: 'boolean not null',
    ...audienceColumns,
    ...attributeColumns,
    set_aside: 'text',
    merged_into: 'uuid',
    merge_id: 'uuid',
    merged_position: 'bigint',
    parent_id: 'uuid',
    ...originColumns,
  },
  // Queues read open tickets only and must cost the same however many are closed. Every order ends in id: keyset paging.
  indexes: [
    '(group_id, updated_at, id) where open',
    '(agent_id, updated_at, id) where open',
    '(updated_at, id) where open',
    '(due_at, id) where open',
    '(pending_since, id) where open',
    '(updated_at, id)',
    '(created_at, id)',
    '(requester_id, updated_at, id)',
    '(requester_id, updated_at, id) where open',
    '(company_id, updated_at, id)',
    '(number)',
    '(merged_into) where merged_into is not null',
    '(parent_id) where parent_id is not null',
    '(follow_up_of) where follow_up_of is not null',
    '(set_aside, updated_at, id) where set_aside is not null',
    ...attributeIndexes,
  ],
};

const ticketNotes: Table<TicketNoteRow, 'comment_id'> = {
  key: ['comment_id'],
  columns: { comment_id: 'uuid not null' },
  indexes: [],
};

/** What shows on other read models only; the row has to know the version of the ticket all the same. */
const elsewhere = [
  'TicketCommentEdited',
  'TicketCommentRedacted',
  'TicketRated',
  'TicketArticleAttached',
  'TicketMacroApplied',
  'TicketCommandUndone',
  'TicketLinked',
  'TicketUnlinked',
  'TicketAbsorbed',
  'TicketReleased',
  'TicketMergeDeclined',
  'TicketChildAdded',
  'TicketChildRemoved',
  'TicketParentDeclined',
] as const;
const elsewhereTypes: ReadonlySet<string> = new Set(elsewhere);
type Elsewhere = StoredOf<(typeof elsewhere)[number]>;

const changeTypes = [
  'TicketAssigned',
  'TicketCommented',
  'TicketStatusChanged',
  'TicketPostponed',
  'TicketReminded',
  'TicketPriorityChanged',
  'TicketCommentMovedIn',
  'TicketCommentMovedOut',
  'TicketParentChanged',
  ...setAsideTypes,
] as const;
type Change = StoredOf<(typeof changeTypes)[number] | (typeof slaEventTypes)[number]> | AttributeEvent;

/** One row per ticket: the list, the queues and the head of the ticket page. */
export const ticketList = defineProjection({
  name: 'tickets',
  version: 7,
  tables: { tickets, ticket_notes: ticketNotes },
  handles: ['TicketCreated', ...changeTypes, ...attributeEventTypes, ...elsewhere, ...slaEventTypes],
  fold: (event, rows) => {
    if (event.type === 'TicketCreated') return rows.tickets.put(created(event));
    const row = rows.tickets.get({ id: idOf(event.stream) });
    if (!row) return;
    const audience = audienceAfter(row, event, rows.ticket_notes);
    rows.tickets.put({ ...row, ...(isElsewhere(event) ? {} : changes(row, event)), ...audience, ...originOf(event) });
  },
});

const isElsewhere = (event: Change | Elsewhere): event is Elsewhere => elsewhereTypes.has(event.type);

function created(event: StoredOf<'TicketCreated'>): TicketRow {
  const { data } = event;
  const at = timeOf(event);
  return {
    id: idOf(event.stream),
    number: data.number,
    subject: data.subject,
    status: 'new',
    open: true,
    priority: data.priority,
    channel: data.channel,
    requester_id: data.requesterId,
    company_id: data.companyId,
    mailbox_id: data.mailboxId,
    follow_up_of: data.followUpOf,
    group_id: null,
    agent_id: null,
    created_at: at,
    updated_at: at,
    last_customer_at: at,
    last_agent_at: null,
    waiting_since: at,
    comment_count: 0,
    resolved_at: null,
    ...newLifecycle,
    sla: {},
    due_at: null,
    due_clock: null,
    breached: false,
    ...firstAudience(event),
    ...firstColumns(data),
    set_aside: null,
    merged_into: null,
    merge_id: null,
    merged_position: null,
    parent_id: null,
    ...originOf(event),
  };
}

function changes(row: TicketRow, event: Change): Partial<TicketRow> {
  const at = timeOf(event);
  if (isSetAsideEvent(event)) return setAside(row, event);
  switch (event.type) {
    case 'TicketAssigned':
      return { group_id: event.data.groupId, agent_id: event.data.agentId, updated_at: at };
    case 'TicketPriorityChanged':
      return { priority: event.data.to, ...assessmentOf(event), updated_at: at };
    case 'TicketCommented':
      return { comment_count: row.comment_count + 1, updated_at: at, ...conversation(row, event, at) };
    case 'TicketStatusChanged': {
      const open = !isDone(event.data.to);
      const resolved = open ? { resolved_at: null } : { resolved_at: row.resolved_at ?? at, waiting_since: null };
      return { status: event.data.to, open, updated_at: at, ...resolved, ...lifecycleAfter(row, event) };
    }
    case 'TicketPostponed':
    case 'TicketReminded':
      return { updated_at: at, ...lifecycleAfter(row, event) };
    case 'TicketCommentMovedIn':
      return { comment_count: row.comment_count + 1, updated_at: at };
    case 'TicketCommentMovedOut':
      return { comment_count: row.comment_count - 1, updated_at: at };
    case 'TicketParentChanged':
      return { parent_id: event.data.parent?.ticketId ?? null, updated_at: at };
    case 'TicketSlaStarted':
    case 'TicketSlaRetargeted':
    case 'TicketSlaPaused':
    case 'TicketSlaResumed':
    case 'TicketSlaBreached':
    case 'TicketSlaStopped': {
      const clock = clockAfter(row.sla[event.data.clock], event);
      const sla = clock ? { ...row.sla, [event.data.clock]: clock } : row.sla;
      return { sla, ...deadlineOf(sla) };
    }
    default:
      return { ...attributeChanges(row, event), updated_at: at };
  }
}

/** All else stays as it was, so that taking it back leaves the row as if nothing had been. */
function setAside({ status }: TicketRow, event: SetAsideEvent): Partial<TicketRow> {
  const set_aside = setAsideBy(event);
  const open = set_aside === null && !isDone(status);
  const merge = event.type === 'TicketMerged' ? event : null;
  const { into: merged_into = null, mergeId: merge_id = null } = merge?.data ?? {};
  return { open, set_aside, merged_into, merge_id, merged_position: merge?.position ?? null };
}

/** Notes and automatic mail neither make the customer wait nor answer them. */
function conversation(row: TicketRow, { data }: StoredOf<'TicketCommented'>, at: Date): Partial<TicketRow> {
  if (!isConversation(data)) return {};
  return data.authorRole === 'agent'
    ? { last_agent_at: at, waiting_since: null }
    : { last_customer_at: at, waiting_since: row.waiting_since ?? at };
}

function deadlineOf(sla: TicketRow['sla']): Pick<TicketRow, 'due_at' | 'due_clock' | 'breached'> {
  let due: { clock: TicketRow['due_clock']; at: string } | undefined;
  for (const clock of slaClocks) {
    const state = sla[clock];
    if (state?.state === 'running' && (!due || state.dueAt < due.at)) due = { clock, at: state.dueAt };
  }
  const breached = slaClocks.some((clock) => sla[clock]?.breached && sla[clock].state !== 'stopped');
  return { due_at: due ? new Date(due.at) : null, due_clock: due?.clock ?? null, breached };
}
