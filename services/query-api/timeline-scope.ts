import { idsOf, isThem, type Principal } from '#packages/http/auth.ts';
import type { TimelineRow } from '#packages/read-db/tables.ts';
import type { Family } from './reads/family.ts';

/**
 * Whose rows the course of a ticket is made of: its own, the messages of those merged into it, and for the customer of a
 * merged ticket what has been said since on the one that goes on, as far as mail tells them too: what agents answered
 * there, and what they wrote themselves. Nobody else's message of one ticket is shown to the customer of another.
 */
export type TimelineScope = {
  readonly ticketId: string;
  readonly number: number;
  readonly show: 'all' | 'messages' | { readonly after: bigint; readonly people: readonly string[] };
  /** All ids of the customer who reads; null for those who read everything. What others wrote on merged tickets is not theirs. */
  readonly reader: readonly string[] | null;
};

export type ScopeSource = {
  readonly row: {
    readonly id: string;
    readonly number: number;
    readonly requester_id: string;
    readonly merged_position: bigint | null;
  };
  readonly family: Pick<Family, 'absorbed' | 'survivor'>;
};

/** The scopes of a ticket as the principal may see it. */
export function scopesOf({ family, row }: ScopeSource, principal: Principal): readonly TimelineScope[] {
  const isCustomer = principal.role === 'customer';
  const reader = isCustomer ? idsOf(principal) : null;
  const absorbed = family.absorbed
    .filter(({ requesterId }) => !isCustomer || isThem(principal, requesterId))
    .map(({ id: ticketId, number }): TimelineScope => ({ ticketId, number, show: 'messages', reader }));
  const own: TimelineScope = { ticketId: row.id, number: row.number, show: 'all', reader };
  const { survivor } = family;
  // Who is only mentioned may read this ticket, and not the one that goes on.
  const asked = isCustomer && isThem(principal, row.requester_id);
  if (!asked || survivor === null || row.merged_position === null) return [own, ...absorbed];
  const since = { after: row.merged_position, people: idsOf(principal) };
  return [own, ...absorbed, { ticketId: survivor.id, number: survivor.number, show: since, reader }];
}

const isMessage = ({ kind }: TimelineRow): boolean => kind === 'created' || kind === 'comment';

const isBy = (people: readonly string[], { author_id }: TimelineRow): boolean =>
  author_id !== null && people.includes(author_id);

/** Whether a row belongs to a scope; the same as the condition of the query in reads/timeline.ts. */
export function isWithin({ reader, show, ticketId }: TimelineScope, row: TimelineRow): boolean {
  if (row.ticket_id !== ticketId) return false;
  if (reader !== null && row.merged_ticket !== null && !isBy(reader, row)) return false;
  if (show === 'all') return true;
  if (!isMessage(row) || show === 'messages') return isMessage(row);
  const answered = row.author_role === 'agent' && row.moved_from === null;
  return row.position > show.after && (answered || isBy(show.people, row));
}
