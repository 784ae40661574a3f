import type { Priority } from '#contracts/primitives.ts';

/** What settings may select tickets by. A list that is left out admits everything. */
type Match = {
  readonly priorities?: readonly Priority[];
  readonly companies?: readonly string[];
  readonly mailboxes?: readonly string[];
  readonly services?: readonly string[];
};

export type Matchable = {
  readonly priority: Priority;
  readonly mailboxId: string | null;
  readonly companyId?: string | null;
  readonly serviceId?: string | null;
};

/** True when the same settings match both. */
export const matchAlike = (a: Matchable, b: Matchable): boolean =>
  a.priority === b.priority &&
  a.mailboxId === b.mailboxId &&
  (a.companyId ?? null) === (b.companyId ?? null) &&
  (a.serviceId ?? null) === (b.serviceId ?? null);

/**
 * True when each list that is given holds the ticket's value; a ticket without a mailbox is in no list of mailboxes.
 * @param services ids of the ticket's service and of those that it is part of; a list of services needs to hold one
 */
export function matches(match: Match, ticket: Matchable, services: readonly string[] = []): boolean {
  const admits = <T>(list: readonly T[] | undefined, value: T | null | undefined) =>
    list === undefined || (value !== null && value !== undefined && list.includes(value));
  return (
    admits(match.priorities, ticket.priority) &&
    admits(match.companies, ticket.companyId) &&
    admits(match.mailboxes, ticket.mailboxId) &&
    (match.services === undefined || services.some((id) => match.services?.includes(id)))
  );
}

/** The order rules are tried in: ascending `order`, then id, so that two rules of one order never depend on luck. */
export const byOrder = <R extends { readonly id: string; readonly value: { readonly order: number } }>(
  rules: readonly R[],
): R[] => rules.toSorted((a, b) => a.value.order - b.value.order || (a.id < b.id ? -1 : 1));
