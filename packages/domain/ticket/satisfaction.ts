import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Score } from '#contracts/primitives.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Handlers, TicketFacts } from './handlers.ts';
import type { Ticket } from './state.ts';

export type RateTicket = {
  readonly type: 'RateTicket';
  readonly data: {
    /** The solution that is rated; null: the last one. */
    readonly round: number | null;
    readonly score: Score;
    readonly comment: string | null;
    readonly raterId: string;
    readonly via: 'link' | 'api';
  };
};

/** How long a solution can be rated while no setting says so. */
export const defaultOpenDays = 30;

/** Customers rate solutions, for a while. The newest rating of a round counts. Refuses with RATING_NOT_OPEN. */
export const satisfaction: Handlers<RateTicket> = { RateTicket: rate };

/** True for a solution, null being the last one, that nobody has rated yet. */
export const isUnrated = (round: number | null, { satisfaction: rounds }: Pick<Ticket, 'satisfaction'>): boolean =>
  rounds[(round ?? rounds.length) - 1]?.rating === null;

function rate({ data }: RateTicket, ticket: Ticket, { now, settings }: TicketFacts): TicketEvent[] {
  const round = data.round ?? ticket.satisfaction.length;
  const rated = ticket.satisfaction[round - 1];
  if (!rated) throw new AppError('RATING_NOT_OPEN', { detail: `Ticket ${ticket.number} has not been solved.` });
  const { agentId, groupId, rating, solvedAt } = rated;
  const { comment, raterId, score, via } = data;
  if (rating?.score === score && rating.comment === comment) return [];
  const days = openDays(settings);
  // Days of 24 hours: what a person may do must not depend on a time zone they do not know of.
  const openUntil = Temporal.Instant.from(solvedAt).add({ hours: 24 * days });
  if (Temporal.Instant.compare(now, openUntil) > 0)
    throw new AppError('RATING_NOT_OPEN', { detail: `A solution can be rated for ${days} days.` });
  return [{ type: 'TicketRated', data: { round, score, comment, raterId, via, groupId, agentId, solvedAt } }];
}

const openDays = (settings: SettingsLookup): number =>
  settings.current('satisfaction', 'default')?.value.openDays ?? defaultOpenDays;
