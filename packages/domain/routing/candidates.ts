import type { exclusions } from '#contracts/events/ticket.ts';
import type { Unavailable } from '#packages/domain/agent/availability.ts';

/** An agent of a group as routing sees them. `lastAssignedAt` null: never, or not known. */
export type Candidate = {
  readonly agentId: string;
  readonly openTickets: number;
  readonly lastAssignedAt: string | null;
  readonly skills: readonly string[];
  /** Why the agent is given nothing at the instant of the decision; null: they are. */
  readonly unavailable: Unavailable['reason'] | null;
};

type Exclusion = (typeof exclusions)[number];
export type Ranked = {
  readonly agentId: string;
  readonly openTickets: number;
  readonly lastAssignedAt: string | null;
  /** Why they are passed over; null: they are not. */
  readonly excluded: Exclusion | null;
};

/**
 * The members of a group, best first: those who may be chosen, then those who are passed over; of each the one with the
 * fewest open tickets first, of equals the one whose last assignment is longest ago, then by id.
 * @param skills what an agent must have all of
 */
export const ranked = (candidates: readonly Candidate[], skills: readonly string[]): readonly Ranked[] =>
  candidates
    .map(({ skills: has, unavailable, ...candidate }): Ranked => {
      const lacking = skills.some((skill) => !has.includes(skill));
      return { ...candidate, excluded: lacking ? 'lacks skill' : unavailable };
    })
    .toSorted((a, b) => Number(a.excluded !== null) - Number(b.excluded !== null) || byLoad(a, b));

function byLoad(a: Ranked, b: Ranked): number {
  const [lastA, lastB] = [a.lastAssignedAt ?? '', b.lastAssignedAt ?? ''];
  return a.openTickets - b.openTickets || compare(lastA, lastB) || compare(a.agentId, b.agentId);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Why the first of them was chosen, or nobody, in words. */
export function explainChoice(candidates: readonly Ranked[], skills: readonly string[]): string {
  const [best, second] = candidates.filter(({ excluded }) => excluded === null);
  const over = passedOver(candidates, skills);
  if (!best)
    return over
      ? `nobody in the group can be given it (${over}), so that it waits there for somebody to take it`
      : 'the group has no members, so that nobody in it is chosen';
  const load = `the agent has ${best.openTickets} open ticket${best.openTickets === 1 ? '' : 's'}`;
  return `${load}${comparison(best, second, over)}${over && ` (passed over: ${over})`}`;
}

function comparison(best: Ranked, second: Ranked | undefined, over: string): string {
  if (!second) return over ? ' and is the only one who can be given it' : ' and is the only member of the group';
  if (second.openTickets > best.openTickets) return ', the fewest in the group';
  if (second.lastAssignedAt === best.lastAssignedAt) return ', no more than others, and is first by id';
  return ', no more than others, and was assigned one longest ago';
}

/** How many are passed over and why; empty: nobody. */
function passedOver(candidates: readonly Ranked[], skills: readonly string[]): string {
  const words: Readonly<Record<Exclusion, (count: number) => string>> = {
    'lacks skill': (count) => `${count} without ${skills.join(' and ')}`,
    absent: (count) => `${count} absent`,
    'outside hours': (count) => `${count} outside working hours`,
    'at capacity': (count) => `${count} with as many open tickets as they take`,
  };
  return Object.entries(words)
    .flatMap(([exclusion, say]) => {
      const count = candidates.filter(({ excluded }) => excluded === exclusion).length;
      return count > 0 ? [say(count)] : [];
    })
    .join(', ');
}
