import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { Score, Status } from '#contracts/primitives.ts';
import type { Recorded } from '#packages/domain/decider.ts';
import { isDone } from './status.ts';

type Rating = { readonly score: Score; readonly comment: string | null };
/** One time that the ticket became done, by whom, and what the customer thinks of it. */
type Round = {
  readonly solvedAt: string;
  readonly groupId: string | null;
  readonly agentId: string | null;
  readonly rating: Rating | null;
};
export type SatisfactionState = readonly Round[];

type Solvable = {
  readonly status: Status;
  readonly groupId: string | null;
  readonly agentId: string | null;
  readonly satisfaction: SatisfactionState;
};

/** The rounds after an event; `ticket` is the ticket before it. Total. */
export function evolveSatisfaction(ticket: Solvable, event: Recorded<TicketEvent>): SatisfactionState {
  const { agentId, groupId, satisfaction } = ticket;
  switch (event.type) {
    case 'TicketStatusChanged': {
      const solved = isDone(event.data.to) && !isDone(ticket.status);
      return solved ? [...satisfaction, { solvedAt: event.metadata.at, groupId, agentId, rating: null }] : satisfaction;
    }
    case 'TicketRated': {
      const { comment, round, score } = event.data;
      return satisfaction.map((each, index) => (index === round - 1 ? { ...each, rating: { score, comment } } : each));
    }
    default:
      return satisfaction;
  }
}
