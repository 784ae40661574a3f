import type { TicketEvent } from '#contracts/events/ticket.ts';
import { byOrder, type Matchable, matches } from '#packages/domain/matching.ts';
import type { Revision } from '#packages/domain/settings.ts';
import { type Candidate, explainChoice, type Ranked, ranked } from './candidates.ts';

type Assigned = Extract<TicketEvent, { type: 'TicketAssigned' }>['data'];
export type RoutingDecision = Omit<Assigned, 'reason'> & {
  readonly reason: Extract<Assigned['reason'], { kind: 'routing' }>;
};

/** What decided on the group, and how an agent of it is chosen. */
type Choice = {
  readonly groupId: string;
  readonly strategy: RoutingDecision['reason']['strategy'];
  readonly source: Pick<RoutingDecision['reason'], 'ruleId' | 'ruleVersion' | 'service'>;
  readonly because: string;
  /** What a rule wants the agent to be able to do. */
  readonly skills?: readonly string[] | undefined;
};

/**
 * Chooses group and agent. The group is that of the first rule by ascending order that matches and whose group exists;
 * where the ticket's service, or the nearest one that it is part of, has a group of its own, only rules that name
 * services come before it. The agent is, by the strategy, the member with the fewest open tickets (of equals, the one
 * whose last assignment is longest ago, then by id) of those who are available and have the skills that the rule and the
 * service want; with none of them the ticket waits in the group. The same input gives the same decision, and the reason
 * holds all of it that the choice depended on.
 * @param services the ticket's service and those that it is part of, from itself up to the top
 */
export function route(
  ticket: Matchable,
  rules: readonly Revision<'routing-rule'>[],
  groups: ReadonlyMap<string, readonly Candidate[]>,
  services: readonly Revision<'service'>[] = [],
): RoutingDecision {
  const path = services.map(({ id }) => id);
  const fitting = byOrder(rules).filter(({ value }) => matches(value.match, ticket, path) && groups.has(value.groupId));
  const special = fitting.find(({ value }) => value.match.services !== undefined);
  const [rule] = fitting;
  const choice = (special && byRule(special, ticket)) ?? byService(services, groups) ?? (rule && byRule(rule, ticket));
  if (!choice) return unrouted(ticket);
  const { because, groupId, source, strategy } = choice;
  const byLoad = strategy === 'least-loaded';
  const skills = byLoad ? skillsFor(choice, services) : [];
  const inGroup = groups.get(groupId) ?? [];
  // Where nobody is chosen nobody is passed over.
  const members = ranked(byLoad ? inGroup : inGroup.map((it) => ({ ...it, unavailable: null })), skills);
  const best = byLoad ? members.find(({ excluded }) => excluded === null) : undefined;
  const reason = {
    kind: 'routing' as const,
    ...source,
    strategy,
    ...(skills.length > 0 && { skills }),
    candidates: members.map(onRecord),
    explanation: `${because}; ${byLoad ? explainChoice(members, skills) : 'it names the group only'}.`,
  };
  return { groupId, agentId: best?.agentId ?? null, reason };
}

/** A decision that left the ticket waiting in a group, for want of somebody there. */
export type Waiting = { readonly groupId: string; readonly reason: RoutingDecision['reason'] };

/**
 * Chooses an agent for a ticket that waits in its group, on the terms of the decision that left it there: rules that were
 * changed since are for new tickets. Null: there is still nobody.
 */
export function routeWaiting({ groupId, reason }: Waiting, candidates: readonly Candidate[]): RoutingDecision | null {
  const { skills = [] } = reason;
  const members = ranked(candidates, skills);
  const best = members.find(({ excluded }) => excluded === null);
  if (!best) return null;
  const explanation = `It waited in the group for somebody; ${explainChoice(members, skills)}.`;
  return { groupId, agentId: best.agentId, reason: { ...reason, candidates: members.map(onRecord), explanation } };
}

const onRecord = ({ agentId, excluded, openTickets }: Ranked) => ({
  agentId,
  openTickets,
  ...(excluded && { excluded }),
});

/** Those of the rule, and those of the nearest service that wants any. */
function skillsFor({ skills = [] }: Choice, services: readonly Revision<'service'>[]): string[] {
  const nearest = services.find(({ value }) => value.skills !== undefined);
  return [...new Set([...skills, ...(nearest?.value.skills ?? [])])].sort();
}

const byRule = ({ id, value, version }: Revision<'routing-rule'>, ticket: Matchable): Choice => ({
  groupId: value.groupId,
  strategy: value.strategy,
  source: { ruleId: id, ruleVersion: version },
  because: `Rule "${value.name}" matches ${describe(ticket)}`,
  skills: value.skills,
});

function byService(
  services: readonly Revision<'service'>[],
  groups: ReadonlyMap<string, readonly Candidate[]>,
): Choice | undefined {
  for (const { id, value, version } of services) {
    const { groupId } = value;
    if (!groupId || !groups.has(groupId)) continue;
    const source = { ruleId: null, ruleVersion: null, service: { id, version } };
    return { groupId, strategy: 'least-loaded', source, because: `Service "${value.name}" has a group of its own` };
  }
  return undefined;
}

const describe = ({ mailboxId, priority, serviceId }: Matchable): string =>
  [
    mailboxId === null ? 'a ticket without mailbox' : `mailbox ${mailboxId}`,
    ...(serviceId ? [`service ${serviceId}`] : []),
    `with priority ${priority}`,
  ].join(' ');

const unrouted = (ticket: Matchable): RoutingDecision => ({
  groupId: null,
  agentId: null,
  reason: {
    kind: 'routing',
    ruleId: null,
    ruleVersion: null,
    strategy: 'group-only',
    candidates: [],
    explanation: `No routing rule matches ${describe(ticket)}; the ticket stays unassigned.`,
  },
});
