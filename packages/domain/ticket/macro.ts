import type { TicketEvent } from '#contracts/events/ticket.ts';
import { AppError, isAppError } from '#packages/kernel/errors.ts';
import type { ApplyMacro, MacroStep } from './commands.ts';
import type { Handler, TicketFacts } from './handlers.ts';
import type { Ticket } from './state.ts';
import { decideSteps } from './steps.ts';

/**
 * Decides the steps of a macro one after the other, each on the ticket as the ones before it leave it. A refusal is that
 * of its step, which `extra.step` counts from 0: then nothing comes about at all. Nothing to do → [].
 */
export function applyMacro(
  { data: { steps, ...applied } }: ApplyMacro,
  ticket: Ticket,
  facts: TicketFacts,
  decide: Handler<MacroStep>,
): TicketEvent[] {
  const first: TicketEvent = { type: 'TicketMacroApplied', data: applied };
  const events = decideSteps(steps, ticket, facts, (step, current, index) =>
    atStep(index, () => decide(step, current, facts)),
  );
  return events.length === 0 ? [] : [first, ...events];
}

function atStep<T>(step: number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { code, extra, fields, message: detail } = error;
    throw new AppError(code, { detail, fields, extra: { ...extra, step }, cause: error });
  }
}
