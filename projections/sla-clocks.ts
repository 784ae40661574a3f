import type { EventType } from '#contracts/events/all.ts';
import type { StoredOf } from '#packages/projector/projection.ts';
import type { SlaState } from '#packages/read-db/tables.ts';

export const slaEventTypes = [
  'TicketSlaStarted',
  'TicketSlaRetargeted',
  'TicketSlaPaused',
  'TicketSlaResumed',
  'TicketSlaBreached',
  'TicketSlaStopped',
] as const satisfies readonly EventType[];

export type SlaEvent = StoredOf<(typeof slaEventTypes)[number]>;

/**
 * One clock after an event about it, as the ticket decider runs clocks (packages/domain/sla/clock.ts): stopped ones may
 * run again, paused ones stay paused when they get new terms, a breach is forgotten when the due time moves past it.
 */
export function clockAfter(clock: SlaState | undefined, event: SlaEvent): SlaState | undefined {
  if (event.type === 'TicketSlaStarted') return { state: 'running', dueAt: event.data.dueAt, breached: false };
  if (!clock) return undefined;
  switch (event.type) {
    case 'TicketSlaRetargeted': {
      const { dueAt } = event.data;
      const state = clock.state === 'paused' ? 'paused' : 'running';
      return { state, dueAt, breached: clock.breached && dueAt <= event.metadata.at };
    }
    case 'TicketSlaResumed':
      return { ...clock, state: 'running', dueAt: event.data.dueAt };
    case 'TicketSlaPaused':
      return { ...clock, state: 'paused' };
    case 'TicketSlaBreached':
      return { ...clock, breached: true };
    case 'TicketSlaStopped':
      return { ...clock, state: 'stopped' };
  }
}
