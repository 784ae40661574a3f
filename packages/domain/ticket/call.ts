import type { TicketEvent } from '#contracts/events/ticket.ts';
import { toTimestamp } from '#packages/kernel/clock.ts';
import type { RegisterCall } from './commands.ts';
import { createTicket } from './creation.ts';
import type { Handler, TicketFacts } from './handlers.ts';
import { evolve, initial } from './state.ts';
import { decideSteps } from './steps.ts';

type Step = NonNullable<RegisterCall['data']['answer'] | RegisterCall['data']['assignment']>;

/**
 * A call that an operator took: the ticket that it opens, who goes on with it and what the caller was told, in one append.
 * Refuses as opening a ticket, assigning it and answering on it do.
 */
export function registerCall(
  { data: { answer, assignment, ticket } }: RegisterCall,
  facts: TicketFacts,
  decide: Handler<Step>,
): TicketEvent[] {
  const created = createTicket({ type: 'CreateTicket', data: ticket }, facts.settings);
  const state = evolve(initial(), { ...created, version: 1, metadata: { at: toTimestamp(facts.now) } });
  const steps = [assignment, answer].filter((step) => step !== null);
  return state.exists
    ? [created, ...decideSteps(steps, state, facts, (step, at) => decide(step, at, facts))]
    : [created];
}
