import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Work } from './attributes-state.ts';
import type { Ticket } from './state.ts';
import { timerKinds } from './timers.ts';

type Between = {
  readonly before: Ticket;
  readonly now: Ticket;
  /** The events that led to `before`. */
  readonly past: readonly TicketEvent[];
};

/** The events that give a ticket what it had before, in the aspects named. */
export function compensation(aspects: ReadonlySet<string>, between: Between): TicketEvent[] {
  const { before, now } = between;
  const among = (kind: string) => (name: string) => aspects.has(`${kind} ${name}`);
  return [
    ...[...aspects].flatMap((aspect) => plain[aspect]?.(between) ?? []),
    ...sets('TicketTagsChanged', before.attributes.tags, now.attributes.tags, among('tag')),
    ...sets('TicketFollowersChanged', before.attributes.followers, now.attributes.followers, among('follower')),
    ...fields(between, among('field')),
    ...work(between, among('work')),
    ...now.relations.links
      .filter(({ linkId }) => aspects.has(`link ${linkId}`))
      .map((data): TicketEvent => ({ type: 'TicketUnlinked', data })),
  ];
}

type Way = (between: Between) => readonly TicketEvent[];

/** An event unless everything is as it was. */
const unless = (same: boolean, event: TicketEvent): TicketEvent[] => (same ? [] : [event]);

const plain: Readonly<Record<string, Way>> = {
  status({ before, now }) {
    const { custom, terms, timers } = before.lifecycle;
    const resolveAt = timers['auto-resolve'] ?? null;
    const differing = timerKinds.filter((kind) => now.lifecycle.timers[kind] !== timers[kind]);
    const postponed = differing.every((kind) => kind === 'resume' || kind === 'auto-resolve');
    if (postponed && now.status === before.status && now.lifecycle.custom?.id === custom?.id) {
      const same = differing.length === 0;
      return unless(same, { type: 'TicketPostponed', data: { resumeAt: timers.resume ?? null, resolveAt } });
    }
    const data = {
      from: now.status,
      to: before.status,
      reason: 'undone' as const,
      ...(custom && { statusId: custom.id, statusVersion: custom.version }),
      ...(timers.resume !== undefined && { resumeAt: timers.resume }),
      ...(terms && {
        terms: { ...terms, closesAt: timers['auto-close'] ?? null, remindAt: timers.remind ?? null, resolveAt },
      }),
    };
    return [{ type: 'TicketStatusChanged', data }];
  },
  priority({ before, now, past }) {
    const assessment = assessmentIn(past);
    const data = { from: now.priority, to: before.priority, ...(assessment && { assessment }) };
    return [{ type: 'TicketPriorityChanged', data }];
  },
  assignment({ before: { agentId, groupId }, now }) {
    const same = agentId === now.agentId && groupId === now.groupId;
    return unless(same, { type: 'TicketAssigned', data: { groupId, agentId, reason: { kind: 'undone' } } });
  },
  subject: ({ before: { subject: to }, now: { subject: from } }) =>
    unless(from === to, { type: 'TicketSubjectChanged', data: { from, to } }),
  requester: ({ before: { requesterId: to }, now: { requesterId: from } }) =>
    unless(from === to, { type: 'TicketRequesterChanged', data: { from, to } }),
  company: ({ before: { companyId: to }, now: { companyId: from } }) =>
    unless(from === to, { type: 'TicketCompanyChanged', data: { from, to } }),
  language: ({ before, now }) => attribute('TicketLanguageChanged', 'language', before, now),
  dueDate: ({ before, now }) => attribute('TicketDueDateChanged', 'dueDate', before, now),
  type: ({ before, now }) => attribute('TicketTypeChanged', 'typeId', before, now),
  service: ({ before, now }) => attribute('TicketServiceChanged', 'serviceId', before, now),
  spam({ before, now }) {
    if (before.setAside === null && now.setAside?.kind === 'spam')
      return [{ type: 'TicketRestored', data: { reason: null } }];
    return unless(before.setAside?.kind !== 'spam' || now.setAside !== null, {
      type: 'TicketMarkedSpam',
      data: { reason: null },
    });
  },
};

function attribute(
  type: 'TicketLanguageChanged' | 'TicketDueDateChanged' | 'TicketTypeChanged' | 'TicketServiceChanged',
  member: 'language' | 'dueDate' | 'typeId' | 'serviceId',
  before: Ticket,
  now: Ticket,
): TicketEvent[] {
  const from = now.attributes[member];
  const to = before.attributes[member];
  return unless(from === to, { type, data: { from, to } });
}

/** What the priority followed from, with the revision of the matrix; null: somebody had chosen it. */
function assessmentIn(past: readonly TicketEvent[]) {
  const last = past.findLast((event) => event.type === 'TicketPriorityChanged' || event.type === 'TicketCreated');
  if (last?.type === 'TicketPriorityChanged') return last.data.assessment ?? null;
  if (last?.type !== 'TicketCreated') return null;
  const { impact, matrixVersion, urgency } = last.data.attributes ?? {};
  return impact && urgency && matrixVersion !== undefined ? { impact, urgency, matrixVersion } : null;
}

function sets(
  type: 'TicketTagsChanged' | 'TicketFollowersChanged',
  before: readonly string[],
  now: readonly string[],
  touched: (name: string) => boolean,
): TicketEvent[] {
  const added = before.filter((name) => touched(name) && !now.includes(name));
  const removed = now.filter((name) => touched(name) && !before.includes(name));
  return unless(added.length + removed.length === 0, { type, data: { added, removed } });
}

function fields({ before, now }: Between, touched: (id: string) => boolean): TicketEvent[] {
  const had = before.attributes.fields;
  const ids = [...new Set([...Object.keys(had), ...Object.keys(now.attributes.fields)])].filter(touched);
  const values = Object.fromEntries(ids.map((id) => [id, had[id]?.value ?? null]));
  const revisions = Object.fromEntries(
    ids.flatMap((id) => {
      const held = had[id];
      return held ? [[id, held.revision] as const] : [];
    }),
  );
  return unless(ids.length === 0, { type: 'TicketFieldsChanged', data: { fields: values, revisions } });
}

function work({ before, now, past }: Between, touched: (workId: string) => boolean): TicketEvent[] {
  const had = before.attributes.work.filter(({ workId }) => touched(workId));
  const has = now.attributes.work.filter(({ workId }) => touched(workId));
  const find = (list: readonly Work[], id: string) => list.find(({ workId }) => workId === id);
  const gone = has.filter(({ workId }) => !find(had, workId));
  return [
    ...had.map((data): TicketEvent => {
      const present = find(has, data.workId);
      if (!present) return { type: 'TicketWorkLogged', data: { ...data, companyId: billedTo(past, data.workId) } };
      const previous = { minutes: present.minutes, billable: present.billable };
      return { type: 'TicketWorkCorrected', data: { ...data, previous } };
    }),
    ...gone.map(
      ({ billable, minutes, workId }): TicketEvent => ({
        type: 'TicketWorkRemoved',
        data: { workId, minutes, billable },
      }),
    ),
  ];
}

function billedTo(past: readonly TicketEvent[], workId: string): string | null {
  const logged = past.findLast((event) => event.type === 'TicketWorkLogged' && event.data.workId === workId);
  return logged?.type === 'TicketWorkLogged' ? logged.data.companyId : null;
}
