import type { TicketEvent } from '#contracts/events/ticket.ts';
import type { LifecycleTerms } from '#contracts/events/ticket-lifecycle.ts';
import type { Recorded } from '#packages/domain/decider.ts';
import { isDone } from './status.ts';
import { type TimerEvent, type Timers, timersAfter } from './timers.ts';

/** What the course of a ticket is beyond its category of status. */
export type LifecycleState = {
  /** Custom status with the revision that named it; null: the category's own. */
  readonly custom: { readonly id: string; readonly version: number } | null;
  readonly timers: Timers;
  /** What the policy decided for the present status; null: no policy applied. */
  readonly terms: LifecycleTerms | null;
  /** Since when the ticket is resolved or closed without a break. */
  readonly doneSince: string | null;
  /** Since when it waits for the customer. */
  readonly pendingSince: string | null;
  /** Reminders the customer got since then. */
  readonly reminders: number;
};

export const initialLifecycle: LifecycleState = {
  custom: null,
  timers: {},
  terms: null,
  doneSince: null,
  pendingSince: null,
  reminders: 0,
};

/** Applies one event. Total: what is not about the lifecycle changes nothing. */
export function evolveLifecycle(state: LifecycleState, event: Recorded<TicketEvent>): LifecycleState {
  switch (event.type) {
    case 'TicketStatusChanged':
      return { ...entered(state, event), timers: timersAfter(state.timers, event) };
    case 'TicketPostponed':
      return { ...state, timers: timersAfter(state.timers, event) };
    case 'TicketReminded':
      return { ...state, timers: timersAfter(state.timers, event), reminders: event.data.count };
    default:
      return state;
  }
}

/** Another custom status of the same category goes on with what the category had begun. */
function entered(
  state: LifecycleState,
  { data, metadata }: Recorded<Extract<TimerEvent, { type: 'TicketStatusChanged' }>>,
): Omit<LifecycleState, 'timers'> {
  const { statusId, statusVersion = 1, terms = null, to } = data;
  const pending = to === 'pending';
  const stays = pending && state.pendingSince !== null;
  return {
    custom: statusId === undefined ? null : { id: statusId, version: statusVersion },
    terms,
    doneSince: isDone(to) ? (state.doneSince ?? metadata.at) : null,
    pendingSince: pending ? (state.pendingSince ?? metadata.at) : null,
    reminders: stays ? state.reminders : 0,
  };
}
