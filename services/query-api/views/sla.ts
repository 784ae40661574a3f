import type { SlaReport } from '#contracts/api/history.ts';
import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { ClockExplanation } from '#packages/domain/ticket/sla-explanation.ts';
import type { StoredEvent } from '#packages/event-store/port.ts';

/** A ticket's stream holds ticket events only; this tells the compiler. */
export const isTicketEvent = (event: StoredEvent): event is StoredEvent<TicketEvent> => event.type.startsWith('Ticket');

/** One run of a clock as the API tells it. */
export function slaRun({ state, cycle, elapsedMs, intervals }: ClockExplanation): SlaReport['runs'][number] {
  const { clock, phase, policyId, policyVersion, calendarId, calendarVersion, targetMinutes, startedAt, breached } =
    state;
  return {
    clock,
    cycle,
    phase,
    policyId,
    policyVersion,
    calendarId,
    calendarVersion,
    targetMinutes,
    startedAt,
    dueAt: state.phase === 'running' ? state.dueAt : null,
    breached,
    outcome: state.phase === 'stopped' ? state.outcome : null,
    elapsedMs,
    intervals: [...intervals],
  };
}
