import type { TicketEvent } from '#contracts/events/ticket.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import type { TicketFacts } from './handlers.ts';
import { evolve, type Ticket } from './state.ts';

/** Decides steps one after the other, each on the ticket as the ones before it leave it. */
export function decideSteps<Step>(
  steps: readonly Step[],
  ticket: Ticket,
  facts: TicketFacts,
  decide: (step: Step, ticket: Ticket, index: number) => readonly TicketEvent[],
): TicketEvent[] {
  const events: TicketEvent[] = [];
  let current = ticket;
  for (const [index, step] of steps.entries()) {
    for (const event of decide(step, current, index)) {
      events.push(event);
      current = after(current, event, facts);
    }
  }
  return events;
}

function after(ticket: Ticket, event: TicketEvent, { now }: TicketFacts): Ticket {
  const next = evolve(ticket, { ...event, version: ticket.length + 1, metadata: { at: toTimestamp(now) } });
  return next.exists ? next : ticket;
}
