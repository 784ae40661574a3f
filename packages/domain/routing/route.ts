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

/**
 * Chooses group and agent: the first rule by ascending order that matches and whose group exists, then by its strategy
 * the member with the fewest open tickets (of equals, the one whose last assignment is longest ago, then by id). The
 * same input gives the same decision, and the reason holds all of it that the choice depended on.
 */
export function route(
  ticket: Matchable,
  rules: readonly Revision<'routing-rule'>[],
  groups: ReadonlyMap<string, readonly Candidate[]>,
): RoutingDecision {
  const rule = byOrder(rules).find(({ value }) => matches(value.match, ticket) && groups.has(value.groupId));
  if (!rule) return unrouted(ticket);
  const { groupId, strategy, name } = rule.value;
  const ranked = (groups.get(groupId) ?? []).toSorted(byLoad);
  const best = strategy === 'least-loaded' ? (ranked[0] ?? null) : null;
  const reason = {
    kind: 'routing' as const,
    ruleId: rule.id,
    ruleVersion: rule.version,
    strategy,
    candidates: ranked.map(({ agentId, openTickets }) => ({ agentId, openTickets })),
    explanation: `Rule "${name}" matches ${describe(ticket)}; ${explain(strategy, ranked)}.`,
  };
  return { groupId, agentId: best?.agentId ?? null, reason };
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

const describe = ({ mailboxId, priority }: Matchable): string =>
  `${mailboxId === null ? 'a ticket without mailbox' : `mailbox ${mailboxId}`} with priority ${priority}`;

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
