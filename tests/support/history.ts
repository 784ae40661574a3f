import type { DeskEvent } from '#contracts/events/all.ts';
import type { MailHeaders } from '#contracts/events/message.ts';
import { streams } from '#contracts/events/streams.ts';
import { priorities, slaClocks, statuses } from '#contracts/primitives.ts';
import { timerKinds } from '#packages/domain/ticket/timers.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';
import { isAppError } from '#packages/kernel/errors.ts';
import { idFrom } from '#packages/kernel/ids.ts';
import { articleStep } from './article-history.ts';
import { type AttributeAction, attributeActions, attributeCommand, attributeSettings } from './attribute-history.ts';
import { attachment, mailProcessed, mailQueued, mailReceived } from './mails.ts';
import { type RelationAction, relate, relationActions } from './related-history.ts';
import {
  aroundTheClock,
  calendarOf,
  savedCalendar,
  savedLifecycle,
  savedPolicy,
  savedStatus,
  settingsOf,
} from './settings.ts';
import { createStory } from './story.ts';
import { agentId, agentSays, automaticMessage, customerId, customerSays, message } from './tickets.ts';

const settings = settingsOf(
  savedCalendar(),
  savedCalendar('always', aroundTheClock()),
  savedCalendar('berlin', calendarOf({ timeZone: 'Europe/Berlin' })),
  savedPolicy('urgent', {
    order: 1,
    match: { priorities: ['urgent'] },
    calendarId: 'always',
    firstResponseMinutes: 30,
  }),
  savedPolicy('standard', { match: { priorities: ['normal', 'high'] } }),
  savedStatus('own-open', { category: 'open' }),
  savedStatus('own-pending', { category: 'pending' }),
  savedLifecycle('all', { autoCloseDays: 2, pendingReminderDays: 1, pendingResolveDays: 3 }),
  ...attributeSettings,
);

export const historyActions = [
  'customer',
  'agent',
  'note',
  'mention',
  'edit',
  'redact',
  'automatic',
  'assign',
  'status',
  'timer',
  'priority',
  'rate',
  'article',
  'breach',
  'send',
  'sent',
  'receive',
  'process',
  'person',
  'profile',
  'company',
  'token',
  'member',
  'setting',
  ...attributeActions,
  ...relationActions,
  // More often than merge and spam, or most tickets would soon be set aside.
  'unmerge',
  'restore',
  'unmerge',
  'restore',
] as const;

/** One thing that happens in the desk; numbers choose among what there is, so that every step means something. */
export type HistoryStep = {
  readonly action: (typeof historyActions)[number];
  readonly ticket: number;
  readonly pick: number;
  readonly minutes: number;
};

type Story = ReturnType<typeof createStory>;
type Scene = { story: Story; ticketId: string; at: string; pick: number };

const agents = [0, 1, 2].map((n) => idFrom('history agent', n));
const groups = [0, 1].map((n) => idFrom('history group', n));
const headers: MailHeaders = {
  inboundMailId: idFrom('test', 'inbound'),
  messageId: null,
  inReplyTo: [],
  references: [],
  from: 'anna@customer.example',
  to: ['help@desk.example'],
  cc: [],
  automatic: false,
};
const choose = <T>(from: readonly T[], pick: number): T => from[pick % from.length] as T;

const routed = {
  kind: 'routing' as const,
  ...{ ruleId: null, ruleVersion: null, strategy: 'least-loaded' as const, candidates: [], explanation: '' },
  skills: ['vpn'],
};

/** Plays the steps through the deciders; what they refuse does not happen. Gives the events in the order of the log. */
export function historyOf(steps: readonly HistoryStep[]): readonly StoredEvent[] {
  const story = createStory({ settings });
  const known = new Set<string>();
  let now = Temporal.Instant.from('2026-03-02T08:00:00Z');
  for (const { action, minutes, pick, ticket } of steps) {
    now = now.add({ minutes });
    const at = now.toString({ smallestUnit: 'millisecond' });
    const ticketId = idFrom('history ticket', ticket);
    if (!known.has(ticketId)) story.ticket(ticketId, { at, number: 1001 + ticket, priority: choose(priorities, pick) });
    known.add(ticketId);
    try {
      const otherId = choose([...known], pick);
      if (isRelation(action)) relate[action]({ story, ticketId, otherId, at, pick });
      else if (isAttribute(action)) story.play(ticketId, attributeCommand[action](pick, at), { at });
      else act[action]({ story, ticketId, at, pick });
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
  }
  return story.log;
}

const isRelation = (action: HistoryStep['action']): action is RelationAction =>
  relationActions.some((each) => each === action);

const isAttribute = (action: HistoryStep['action']): action is AttributeAction =>
  attributeActions.some((each) => each === action);

const act: Record<Exclude<HistoryStep['action'], RelationAction | AttributeAction>, (scene: Scene) => void> = {
  customer: ({ at, pick, story, ticketId }) => {
    const [absorbed] = story.stateOf(ticketId).relations.absorbed;
    const merged = absorbed && pick % 2 === 0 ? { ticketId: absorbed.ticketId, number: absorbed.number } : null;
    story.play(ticketId, customerSays(merged ? { mergedTicket: merged } : {}), { at });
  },
  agent: ({ at, story, ticketId }) => story.play(ticketId, agentSays(), { at }),
  note: ({ at, story, ticketId }) => story.play(ticketId, agentSays({ visibility: 'internal' }), { at }),
  mention: ({ at, pick, story, ticketId }) => {
    const person = { kind: 'person', id: choose([...agents, customerId], pick) } as const;
    const group = { kind: 'group', id: choose(groups, pick) } as const;
    story.play(ticketId, agentSays({ visibility: 'internal', mentions: [person, group] }), { at });
  },
  edit: ({ at, pick, story, ticketId }) => {
    const comment = choose(story.stateOf(ticketId).conversation, pick);
    const data = { commentId: comment.commentId, by: agentId, message: message({ text: `Anew ${pick}` }), keep: null };
    story.play(ticketId, { type: 'EditComment', data }, { at });
  },
  redact: ({ at, pick, story, ticketId }) => {
    const { commentId } = choose(story.stateOf(ticketId).conversation, pick);
    const part = choose(
      [{ kind: 'text', from: 0, to: 2 }, { kind: 'text', from: 1, to: 3 }, { kind: 'whole' }] as const,
      pick >> 3,
    );
    const data = { commentId, by: agentId, eventId: idFrom(commentId), parts: [part], reason: 'private' };
    story.play(ticketId, { type: 'RedactComment', data }, { at });
  },
  automatic: ({ at, story, ticketId }) => story.play(ticketId, customerSays({ message: automaticMessage() }), { at }),
  assign: ({ at, pick, story, ticketId }) => {
    const data = {
      groupId: choose([...groups, null], pick),
      agentId: choose([...agents, null], pick >> 2),
      reason: choose([{ kind: 'manual' as const }, routed], pick >> 1),
    };
    story.play(ticketId, { type: 'AssignTicket', data }, { at });
  },
  status: ({ at, pick, story, ticketId }) => {
    const to = choose([...statuses, 'own-open', 'own-pending'], pick);
    const returns = Temporal.Instant.from(at).add({ hours: 1 + pick });
    const postponed = pick % 3 === 0 && (to === 'on-hold' || to.endsWith('pending'));
    const data = { to, ...(postponed && { resumeAt: returns.toString() }) };
    story.play(ticketId, { type: 'ChangeStatus', data }, { at });
  },
  timer: ({ at, pick, story, ticketId }) => {
    const timer = choose(timerKinds, pick);
    const dueAt = story.stateOf(ticketId).lifecycle.timers[timer];
    if (dueAt) story.play(ticketId, { type: 'FireTimer', data: { timer, dueAt } }, { at });
  },
  priority: ({ at, pick, story, ticketId }) =>
    story.play(ticketId, { type: 'ChangePriority', data: { to: choose(priorities, pick) } }, { at }),
  rate: ({ at, pick, story, ticketId }) => {
    const data = {
      round: null,
      score: 1 + (pick % 5),
      comment: choose([null, 'Fine'], pick >> 3),
      raterId: story.stateOf(ticketId).requesterId ?? customerId,
    };
    story.play(
      ticketId,
      { type: 'RateTicket', data: { ...data, via: choose(['link', 'api'] as const, pick) } },
      { at },
    );
  },
  article: articleStep,
  breach: ({ at, pick, story, ticketId }) => {
    const clock = choose(slaClocks, pick);
    const state = story.stateOf(ticketId).sla[clock];
    if (state?.phase === 'running')
      story.play(ticketId, { type: 'BreachSla', data: { clock, dueAt: state.dueAt } }, { at });
  },
  send: ({ at, pick, story, ticketId }) => {
    const messageId = `${pick % 40}@desk.example`;
    story.add(streams.outboundMail(idFrom('mail', ticketId, pick)), mailQueued({ ticketId, messageId }), { at });
  },
  sent: ({ at, pick, story, ticketId }) => {
    const attempt = 1 + (pick % 3);
    const outcomes: readonly DeskEvent[] = [
      { type: 'OutboundMailSent', data: { transport: 'smtp', response: '250 ok', attempt } },
      { type: 'OutboundMailDeferred', data: { attempt, reason: '451 later', nextAttemptAt: at } },
      { type: 'OutboundMailFailed', data: { attempt, reason: '550 never' } },
    ];
    story.add(streams.outboundMail(idFrom('mail', ticketId, pick)), choose(outcomes, pick >> 2), { at });
  },
  receive: ({ at, pick, story }) =>
    story.add(streams.inboundMail(idFrom('inbound', pick)), mailReceived({ size: pick }), { at }),
  process: ({ at, pick, story, ticketId }) => {
    const messageId = `${pick}@customer.example`;
    story.add(streams.inboundMail(idFrom('inbound', pick)), mailProcessed({ ticketId, messageId }), { at });
    const mail = { ...headers, messageId };
    const html = '<p>1 < 2 & "so on" \\ {a,b} NULL Größe 🖨</p>';
    story.play(ticketId, customerSays({ message: message({ mail, html, attachments: [attachment] }) }), { at });
  },
  person: ({ at, pick, story }) => {
    const registered = { companyId: null, origin: 'cli' as const, roles: ['agent' as const] };
    const email = `p${pick % 5}@desk.example`;
    const phone = { number: `0800100${pick % 3}`, written: '0800 100' };
    const changes: readonly DeskEvent[] = [
      { type: 'PersonRegistered', data: { ...registered, name: `P${pick}`, emails: [email], phones: [phone] } },
      { type: 'PersonRenamed', data: { name: `"Renamed", {${pick}}` } },
      { type: 'PersonPhonesChanged', data: { added: [phone], removed: [`0800100${(pick + 1) % 3}`] } },
      {
        type: 'PersonEmailsChanged',
        data: { added: [email], removed: [`p${(pick + 1) % 5}@desk.example`], main: email },
      },
      { type: 'PersonNotesChanged', data: { notes: pick % 3 ? `Note "${pick}" {}` : null } },
      { type: 'PersonLanguageChanged', data: { language: pick % 3 ? 'pt-BR' : null } },
      { type: 'PersonLoginChanged', data: { login: pick % 3 ? `p${pick}` : null } },
      { type: 'PersonAddressClaimed', data: { address: email, personId: choose(agents, pick) } },
      { type: 'PersonMerged', data: { mergeId: idFrom('merge', pick), into: choose(agents, pick >> 1) } },
      { type: 'PersonUnmerged', data: { mergeId: idFrom('merge', pick), into: choose(agents, pick >> 1) } },
      { type: 'PersonRolesChanged', data: { roles: pick % 2 ? ['agent', 'supervisor'] : [] } },
      { type: 'PersonCompanyChanged', data: { companyId: idFrom('company', pick) } },
    ];
    story.add(streams.person(choose(agents, pick)), choose(changes, pick >> 2), { at });
  },
  company: ({ at, pick, story }) => {
    const domain = `c${pick % 7}.example`;
    const merge = { mergeId: idFrom('merge', pick), into: idFrom('company', (pick >> 3) % 3) };
    const changes: readonly DeskEvent[] = [
      { type: 'CompanyRegistered', data: { name: `Company ${pick}`, domains: [domain], tariff: 'gold' } },
      { type: 'CompanyRenamed', data: { name: `"Renamed", {${pick}}` } },
      { type: 'CompanyDomainsChanged', data: { added: [domain], removed: [`c${(pick + 1) % 7}.example`] } },
      { type: 'CompanyTariffChanged', data: { tariff: pick % 2 ? 'silver' : null } },
      { type: 'CompanyNotesChanged', data: { notes: pick % 2 ? 'Note' : null } },
      { type: 'CompanyMerged', data: merge },
      { type: 'CompanyUnmerged', data: merge },
    ];
    story.add(streams.company(idFrom('company', pick % 3)), choose(changes, pick >> 2), { at });
  },
  token: ({ at, pick, story }) => {
    const tokenId = idFrom('token', pick % 4);
    const issued = {
      hash: 'b'.repeat(64),
      role: 'agent' as const,
      label: `Token ${pick}`,
      expiresAt: pick % 3 ? at : null,
    };
    const changes: readonly DeskEvent[] = [
      { type: 'ApiTokenIssued', data: { tokenId, ...issued } },
      { type: 'ApiTokenRevoked', data: { tokenId } },
    ];
    story.add(streams.person(choose(agents, pick)), choose(changes, pick >> 1), { at });
  },
  profile: ({ at, pick, story }) => {
    const absence = {
      absenceId: idFrom('absence', pick % 30),
      from: at,
      to: '2026-04-01T00:00:00.000Z',
      reason: 'holiday',
    };
    const changes: readonly DeskEvent[] = [
      { type: 'AgentSkillsChanged', data: { skills: pick % 3 ? [`s${pick}`, 'vpn'] : [] } },
      { type: 'AgentWorkingHoursChanged', data: { calendarId: pick % 2 ? 'office' : null } },
      { type: 'AgentCapacityChanged', data: { maxOpenTickets: pick % 3 ? pick : null } },
      { type: 'AgentAbsencePlanned', data: { ...absence, deputyId: choose([...agents, null], pick) } },
      { type: 'AgentAbsenceCancelled', data: { absenceId: idFrom('absence', pick % 6) } },
    ];
    story.add(streams.person(choose(agents, pick)), choose(changes, pick >> 2), { at });
  },
  member: ({ at, pick, story }) => {
    const above = choose([...groups, null], pick);
    const changes: readonly DeskEvent[] = [
      { type: 'GroupRegistered', data: { name: `Group ${pick}` } },
      { type: 'GroupRenamed', data: { name: `Renamed ${pick}` } },
      { type: 'GroupLineChanged', data: { line: pick % 4 === 0 ? null : pick % 4, escalatesTo: above } },
      { type: 'GroupMemberAdded', data: { personId: choose(agents, pick) } },
      { type: 'GroupMemberRemoved', data: { personId: choose(agents, pick) } },
    ];
    story.add(streams.group(choose(groups, pick)), choose(changes, pick >> 2), { at });
  },
  setting: ({ at, pick, story }) => {
    const id = `s${pick % 3}`;
    const values = [{ name: id, active: pick % 2 === 0 }, null, 7, 'text', [1, { a: null }]];
    const changes: readonly DeskEvent[] = [
      { type: 'SettingSaved', data: { kind: 'mailbox', id, value: choose(values, pick >> 1) } },
      { type: 'SettingRemoved', data: { kind: 'mailbox', id } },
    ];
    story.add(streams.setting('mailbox', id), choose(changes, pick >> 2), { at });
  },
};
