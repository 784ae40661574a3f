import type { AgentEvent } from '#contracts/events/agent.ts';
import type { ArticleEvent } from '#contracts/events/article.ts';
import type { BulkEvent } from '#contracts/events/bulk.ts';
import type { GroupEvent } from '#contracts/events/directory.ts';
import type { InboundMailEvent, OutboundMailEvent } from '#contracts/events/mail.ts';
import type { SettingEvent } from '#contracts/events/settings.ts';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { AgentCommand } from './agent/commands.ts';
import type { ArticleCommand } from './article/article.ts';
import type { BulkCommand } from './bulk.ts';
import { companyOutcomes, personOutcomes } from './directory-outcomes.ts';
import type { GroupCommand } from './group.ts';
import type { InboundMailCommand } from './mail/inbound.ts';
import type { OutboundMailCommand } from './mail/outbound.ts';
import type { SettingCommand } from './setting.ts';
import { actionOutcomes } from './ticket/action-outcomes.ts';
import { attributeOutcomes } from './ticket/attribute-outcomes.ts';
import type { TicketCommand } from './ticket/commands.ts';
import { relationOutcomes } from './ticket/relation-outcomes.ts';

type Outcomes<Command extends { readonly type: string }, Event extends { readonly type: string }> = {
  readonly [C in Command['type']]: readonly Event['type'][];
};

const ticket: Outcomes<TicketCommand, TicketEvent> = {
  CreateTicket: ['TicketCreated'],
  RegisterCall: ['TicketCreated', 'TicketAssigned', 'TicketCommented', 'TicketStatusChanged'],
  AddComment: ['TicketCommented', 'TicketStatusChanged', 'TicketPostponed'],
  EditComment: ['TicketCommentEdited'],
  RedactComment: ['TicketCommentRedacted'],
  AssignTicket: ['TicketAssigned'],
  EscalateTicket: ['TicketAssigned'],
  ChangeStatus: ['TicketStatusChanged', 'TicketPostponed'],
  RateTicket: ['TicketRated'],
  AttachArticle: ['TicketArticleAttached'],
  BreachSla: ['TicketSlaBreached'],
  FireTimer: ['TicketStatusChanged', 'TicketReminded'],
  ...attributeOutcomes,
  ...relationOutcomes,
  ...actionOutcomes,
};
const agent: Outcomes<AgentCommand, AgentEvent> = {
  ChangeSkills: ['AgentSkillsChanged'],
  ChangeWorkingHours: ['AgentWorkingHoursChanged'],
  ChangeCapacity: ['AgentCapacityChanged'],
  PlanAbsence: ['AgentAbsencePlanned'],
  CancelAbsence: ['AgentAbsenceCancelled'],
};
const group: Outcomes<GroupCommand, GroupEvent> = {
  RegisterGroup: ['GroupRegistered'],
  RenameGroup: ['GroupRenamed'],
  ChangeLine: ['GroupLineChanged'],
  AddMember: ['GroupMemberAdded'],
  RemoveMember: ['GroupMemberRemoved'],
};
const setting: Outcomes<SettingCommand, SettingEvent> = {
  SaveSetting: ['SettingSaved'],
  RemoveSetting: ['SettingRemoved'],
  RestoreSetting: ['SettingSaved'],
};
const article: Outcomes<ArticleCommand, ArticleEvent> = {
  CreateArticle: ['ArticleCreated', 'ArticleDrafted'],
  SaveArticleDraft: ['ArticleDrafted', 'ArticleDraftChanged'],
  PublishArticle: ['ArticlePublished'],
  UnpublishArticle: ['ArticleUnpublished'],
  ChangeArticleVisibility: ['ArticleVisibilityChanged'],
  PlaceArticle: ['ArticlePlaced'],
  ArchiveArticle: ['ArticleArchived'],
  RestoreArticle: ['ArticleRestored'],
  RateArticle: ['ArticleRated'],
};
const inboundMail: Outcomes<InboundMailCommand, InboundMailEvent> = {
  ReceiveMail: ['InboundMailReceived'],
  HoldMail: ['InboundMailReceived', 'InboundMailProcessed'],
  ProcessMail: ['InboundMailProcessed'],
};
const outboundMail: Outcomes<OutboundMailCommand, OutboundMailEvent> = {
  QueueMail: ['OutboundMailQueued'],
  RefuseMail: ['OutboundMailQueued', 'OutboundMailFailed'],
  MarkSent: ['OutboundMailSent'],
  DeferMail: ['OutboundMailDeferred'],
  FailMail: ['OutboundMailFailed'],
};

const bulk: Outcomes<BulkCommand, BulkEvent> = {
  StartBulkAction: ['BulkActionStarted'],
  RecordBulkResults: ['BulkItemsDone', 'BulkActionCompleted'],
  CancelBulkAction: ['BulkActionCancelled'],
};

/**
 * The events that each command of each kind of stream may lead to, for docs/domain.md. SLA clock events, which may follow
 * any event of a ticket, are left out. The tests of the deciders hold every decision they see against it.
 */
export const outcomes = {
  ticket,
  person: { ...personOutcomes, ...agent },
  company: companyOutcomes,
  group,
  setting,
  article,
  'inbound mail': inboundMail,
  'outbound mail': outboundMail,
  'bulk action': bulk,
} as const;

/** Events of SLA clocks, which follow from other events of a ticket. */
export const isClockEvent = (type: string): boolean => type.startsWith('TicketSla');
