import type { Priority } from '#contracts/primitives.ts';

/** What settings may select tickets by. A list that is left out admits everything. */
type Match = {
  readonly priorities?: readonly Priority[];
  readonly companies?: readonly string[];
  readonly mailboxes?: readonly string[];
};

export type Matchable = {
  readonly priority: Priority;
  readonly mailboxId: string | null;
  readonly companyId?: string | null;
};

/** True when each list that is given holds the ticket's value; a ticket without a mailbox is in no list of mailboxes. */
export function matches(match: Match, ticket: Matchable): boolean {
  const admits = <T>(list: readonly T[] | undefined, value: T | null | undefined) =>
    list === undefined || (value !== null && value !== undefined && list.includes(value));
  return (
    admits(match.priorities, ticket.priority) &&
    admits(match.companies, ticket.companyId) &&
    admits(match.mailboxes, ticket.mailboxId)
  );
}

/** The order rules are tried in: ascending `order`, then id, so that two rules of one order never depend on luck. */
export const byOrder = <R extends { readonly id: string; readonly value: { readonly order: number } }>(
  rules: readonly R[],
): R[] => rules.toSorted((a, b) => a.value.order - b.value.order || (a.id < b.id ? -1 : 1));
