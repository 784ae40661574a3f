import type { TicketEvent } from '#contracts/events/ticket.ts';
import { byOrder, type Matchable, matches } from '#packages/domain/matching.ts';
import type { Revision } from '#packages/domain/settings.ts';

/** An agent of a group as routing sees them. `lastAssignedAt` null: never, or not known. */
export type Candidate = {
  readonly agentId: string;
  readonly openTickets: number;
  readonly lastAssignedAt: string | null;
};

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
};

/**
 * Chooses group and agent. The group is that of the first rule by ascending order that matches and whose group exists;
 * where the ticket's service, or the nearest one that it is part of, has a group of its own, only rules that name
 * services come before it. The agent is, by the strategy, the member with the fewest open tickets (of equals, the one
 * whose last assignment is longest ago, then by id). The same input gives the same decision, and the reason holds all
 * of it that the choice depended on.
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
  const ranked = (groups.get(groupId) ?? []).toSorted(byLoad);
  const best = strategy === 'least-loaded' ? (ranked[0] ?? null) : null;
  const reason = {
    kind: 'routing' as const,
    ...source,
    strategy,
    candidates: ranked.map(({ agentId, openTickets }) => ({ agentId, openTickets })),
    explanation: `${because}; ${explain(strategy, ranked)}.`,
  };
  return { groupId, agentId: best?.agentId ?? null, reason };
}

const byRule = ({ id, value, version }: Revision<'routing-rule'>, ticket: Matchable): Choice => ({
  groupId: value.groupId,
  strategy: value.strategy,
  source: { ruleId: id, ruleVersion: version },
  because: `Rule "${value.name}" matches ${describe(ticket)}`,
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

function byLoad(a: Candidate, b: Candidate): number {
  const [lastA, lastB] = [a.lastAssignedAt ?? '', b.lastAssignedAt ?? ''];
  return a.openTickets - b.openTickets || compare(lastA, lastB) || compare(a.agentId, b.agentId);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function explain(strategy: 'least-loaded' | 'group-only', [best, second]: readonly Candidate[]): string {
  if (strategy === 'group-only') return 'it names the group only';
  if (!best) return 'the group has no members, so that nobody in it is chosen';
  const load = `the agent has ${best.openTickets} open ticket${best.openTickets === 1 ? '' : 's'}`;
  if (!second) return `${load} and is the only member of the group`;
  if (second.openTickets > best.openTickets) return `${load}, the fewest in the group`;
  if (second.lastAssignedAt === best.lastAssignedAt) return `${load}, no more than others, and is first by id`;
  return `${load}, no more than others, and was assigned one longest ago`;
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
