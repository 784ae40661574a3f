import type { TimelineKind } from '#contracts/api/tickets.ts';
import type { MailTemplate } from '#contracts/events/mail.ts';
import type { Attachment } from '#contracts/events/message.ts';
import type { Channel, Priority, Role, SlaClock, Status } from '#contracts/primitives.ts';
import type { SettingKind } from '#contracts/settings.ts';
import type { AgentAbsenceRow, AgentLoadTicketRow, AgentRow, GroupMemberRow, GroupRow } from './tables-agents.ts';
import type { TagRow, TicketAttributeColumns, WorkRow } from './tables-attributes.ts';
import type {
  AudienceColumns,
  CommentMentionRow,
  CommentRedactionRow,
  MessageMarks,
  TicketNoteRow,
} from './tables-conversation.ts';
import type { CompanyDomainRow, CompanyRow, PersonEmailRow, PersonPhoneRow, PersonRow } from './tables-directory.ts';
import type {
  ArticleEditionRow,
  ArticleRatingRow,
  ArticleRow,
  ArticleTextRow,
  TicketArticleRow,
  TicketWordsRow,
} from './tables-knowledge.ts';
import type { LifecycleColumns, TimerRow } from './tables-lifecycle.ts';
import type { MessagePlaceRow, SetAsideKind, TicketLinkRow } from './tables-relations.ts';

/**
 * Rows of the read models, as projections write them and as readers find them in schema `read`. Instants are `Date`
 * (timestamptz, whole milliseconds), log positions bigint, ids uuid text, calendar days `YYYY-MM-DD` in UTC.
 * `version` is the version of the row's stream and `position` the place in the log, both of the event that last
 * touched the row.
 */
type Touched = { version: number; position: bigint };

/** One SLA clock. `dueAt` (RFC 3339) is the last due time known; it counts while the clock runs. */
export type SlaState = {
  readonly state: 'running' | 'paused' | 'stopped';
  readonly dueAt: string;
  /** The due time of the present terms has passed, and that is on record. */
  readonly breached: boolean;
};

export type TicketRow = Touched &
  TicketAttributeColumns &
  LifecycleColumns &
  AudienceColumns & {
    id: string;
    number: number;
    subject: string;
    status: Status;
    /** Neither resolved nor closed nor set aside. Queues filter by this column, not by status: the partial indexes hang on it. */
    open: boolean;
    priority: Priority;
    channel: Channel;
    requester_id: string;
    company_id: string | null;
    mailbox_id: string | null;
    follow_up_of: string | null;
    group_id: string | null;
    agent_id: string | null;
    created_at: Date;
    /** Last change a person would call one; bookkeeping of SLA clocks does not count. */
    updated_at: Date;
    /** Last message of the customer; at first the creation. */
    last_customer_at: Date;
    /** Last public message of an agent. */
    last_agent_at: Date | null;
    /** The first customer message that no agent has answered yet; null while nobody waits for us. */
    waiting_since: Date | null;
    /** Comments after the first message, public and internal. */
    comment_count: number;
    resolved_at: Date | null;
    /** The newest clock of each kind. */
    sla: { readonly [C in SlaClock]?: SlaState };
    /** The earliest due time of the running clocks, and which clock that is. */
    due_at: Date | null;
    due_clock: SlaClock | null;
    /** Some clock that has not been stopped is past its due time, on record. */
    breached: boolean;
    /** Merged into another ticket, or spam; null: neither. */
    set_aside: SetAsideKind | null;
    merged_into: string | null;
    merge_id: string | null;
    merged_position: bigint | null;
    parent_id: string | null;
  };

/** One thing shown in the course of a ticket. Customers may see the rows with visibility `public`. */
export type TimelineRow = Touched &
  MessageMarks & {
    ticket_id: string;
    event_id: string;
    at: Date;
    kind: TimelineKind;
    visibility: 'public' | 'internal';
    actor_kind: 'person' | 'service';
    actor_id: string;
    source: string;
    /** Of a message (`created`, `comment`), else null. */
    comment_id: string | null;
    author_id: string | null;
    author_role: 'customer' | 'agent' | null;
    channel: Channel | null;
    automatic: boolean;
    text: string | null;
    html: string | null;
    attachments: readonly Attachment[];
    /** The ticket that the message was moved or split off from, and when it was said there. */
    moved_from: { readonly ticketId: string; readonly number: number; readonly saidAt: string } | null;
    /** The merged ticket whose requester wrote it: not for the customer of this one to read. */
    merged_ticket: { readonly ticketId: string; readonly number: number } | null;
    /** What changed, by kind: `{from,to,reason}`, `{groupId,agentId,reason}`, `{clock,dueAt}`, of attributes the
     * data of their event; `{}` for messages. */
    detail: Record<string, unknown>;
  };

/** RFC 5322 message ids (without <>) by ticket. One id may be known in several tickets. */
export type MessageIdRow = {
  message_id: string;
  ticket_id: string;
  direction: 'inbound' | 'outbound';
  at: Date;
  position: bigint;
};

/** One SLA clock of a ticket, for the timer. */
export type DeadlineRow = Touched & {
  ticket_id: string;
  clock: SlaClock;
  /** Armed: breaches at due_at. Breached: has, and runs on. */
  state: 'armed' | 'breached' | 'paused' | 'stopped';
  due_at: Date;
  /** Kept through pauses: a clock breaches once unless it gets a later due time. */
  breached: boolean;
  /** The ticket is, so that nothing is to happen when the clock runs out. */
  set_aside: boolean;
};

export type AgentLoadRow = {
  agent_id: string;
  open_tickets: number;
  last_assigned_at: Date | null;
  position: bigint;
};

export type ApiTokenRow = {
  id: string;
  /** SHA-256 of the token, hex. */
  hash: string;
  person_id: string;
  role: Role;
  label: string;
  issued_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
  position: bigint;
};

export type SettingRow = {
  kind: SettingKind;
  id: string;
  /** Version of the setting's stream. */
  revision: number;
  /** The last saved value, also of a removed setting. */
  value: unknown;
  removed: boolean;
  saved_at: Date;
  position: bigint;
};

/** Figures of one ticket; definitions in projections/kpi.ts. Durations in milliseconds, null while not known. */
export type KpiTicketRow = Touched & {
  ticket_id: string;
  number: number;
  created_at: Date;
  channel: Channel;
  company_id: string | null;
  mailbox_id: string | null;
  priority: Priority;
  group_id: string | null;
  /** The group that the ticket reached first. */
  first_group_id: string | null;
  agent_id: string | null;
  status: Status;
  open: boolean;
  first_response_at: Date | null;
  first_response_ms: bigint | null;
  first_response_business_ms: bigint | null;
  first_resolved_at: Date | null;
  /** The last time; null while the ticket is open again, like the two durations. */
  resolved_at: Date | null;
  resolution_ms: bigint | null;
  resolution_business_ms: bigint | null;
  reopened_count: number;
  closed_at: Date | null;
  /** A breach of that clock is on record, ever. */
  first_response_breached: boolean;
  next_response_breached: boolean;
  resolution_breached: boolean;
  /** Since when the ticket is merged or spam and counts in no figure of tickets; null: it counts. */
  set_aside_at: Date | null;
};

/** Flow of tickets per UTC day and group; tickets in no group count under the nil UUID. */
export type KpiDayRow = {
  day: string;
  group_id: string;
  created: number;
  resolved: number;
  reopened: number;
  /** Open tickets handed over from and to other groups. */
  moved_in: number;
  moved_out: number;
  /** Open tickets that were merged or marked as spam on that day and still are. */
  set_aside: number;
};

export type InboundMailRow = Touched & {
  id: string;
  mailbox_id: string;
  transport: 'smtp' | 'imap';
  envelope_from: string | null;
  recipients: readonly string[];
  remote: string;
  /** Raw message in the blob store. */
  blob: string;
  size: number;
  received_at: Date;
  /** All null until the mail has been processed. */
  processed_at: Date | null;
  outcome: 'ticket-created' | 'comment-added' | 'ignored' | 'quarantined' | null;
  ticket_id: string | null;
  comment_id: string | null;
  matched_by: 'in-reply-to' | 'references' | 'reply-address' | 'subject-number' | 'none' | null;
  classification: 'person' | 'auto-reply' | 'bounce' | 'list' | 'own' | 'unparseable' | null;
  reason: string | null;
  message_id: string | null;
  subject: string | null;
  sender: string | null;
};

export type OutboundMailRow = Touched & {
  id: string;
  ticket_id: string;
  cause_event_id: string;
  template: MailTemplate;
  from_name: string;
  from_address: string;
  recipients: readonly string[];
  cc: readonly string[];
  reply_to: string | null;
  subject: string;
  message_id: string;
  in_reply_to: string | null;
  reference_ids: readonly string[];
  automatic: boolean;
  text: string;
  html: string | null;
  attachments: readonly Attachment[];
  state: 'queued' | 'sent' | 'deferred' | 'failed';
  /** Attempts made so far. */
  attempts: number;
  /** When it is due; null once sent or failed. */
  next_attempt_at: Date | null;
  queued_at: Date;
  finished_at: Date | null;
  transport: 'smtp' | 'outbox' | null;
  /** Answer of the receiving server, or why the last attempt did not succeed. */
  response: string | null;
};

/** Views of schema `read`. */
/** What the customer thinks of one solution of a ticket. */
export type RatingRow = Touched & {
  ticket_id: string;
  /** The how manieth solution. */
  round: number;
  score: number;
  comment: string | null;
  rater_id: string;
  via: 'link' | 'api';
  rated_at: Date;
  solved_at: Date;
  group_id: string | null;
  agent_id: string | null;
};

export type ReadDatabase = {
  tickets: TicketRow;
  timeline: TimelineRow;
  comment_mentions: CommentMentionRow;
  comment_redactions: CommentRedactionRow;
  ticket_notes: TicketNoteRow;
  message_ids: MessageIdRow;
  message_places: MessagePlaceRow;
  ticket_links: TicketLinkRow;
  deadlines: DeadlineRow;
  timers: TimerRow;
  agent_load: AgentLoadRow;
  agent_load_tickets: AgentLoadTicketRow;
  people: PersonRow;
  person_emails: PersonEmailRow;
  person_phones: PersonPhoneRow;
  agents: AgentRow;
  agent_absences: AgentAbsenceRow;
  companies: CompanyRow;
  company_domains: CompanyDomainRow;
  groups: GroupRow;
  group_members: GroupMemberRow;
  api_tokens: ApiTokenRow;
  settings: SettingRow;
  kpi_tickets: KpiTicketRow;
  kpi_days: KpiDayRow;
  ratings: RatingRow;
  articles: ArticleRow;
  article_texts: ArticleTextRow;
  article_editions: ArticleEditionRow;
  article_ratings: ArticleRatingRow;
  ticket_articles: TicketArticleRow;
  ticket_words: TicketWordsRow;
  inbound_mail: InboundMailRow;
  outbound_mail: OutboundMailRow;
  work: WorkRow;
  tags: TagRow;
};
