import type { BulkAction } from '#contracts/bulk-actions.ts';
import type { BulkEvent, BulkResult } from '#contracts/events/bulk.ts';
import { AppError } from '#packages/kernel/errors.ts';
import type { Decider, Recorded } from './decider.ts';

type DataOf<T extends BulkEvent['type']> = Extract<BulkEvent, { type: T }>['data'];

export type BulkState = {
  /** Null before it has begun. */
  readonly action: BulkAction | null;
  readonly ticketIds: readonly string[];
  /** In the order they came about. */
  readonly results: readonly BulkResult[];
  readonly status: 'running' | 'cancelled' | 'completed';
  readonly startedAt: string | null;
  readonly endedAt: string | null;
};

export type BulkCommand =
  | { readonly type: 'StartBulkAction'; readonly data: DataOf<'BulkActionStarted'> }
  | { readonly type: 'RecordBulkResults'; readonly data: DataOf<'BulkItemsDone'> }
  | { readonly type: 'CancelBulkAction'; readonly data: Record<never, never> };

/** The tickets of a bulk action that nothing has been done to yet, in their order. */
export function pendingOf({ results, ticketIds }: BulkState): readonly string[] {
  const done = new Set(results.map(({ ticketId }) => ticketId));
  return ticketIds.filter((id) => !done.has(id));
}

/** How many results there are of each kind. */
export function countsOf(results: readonly BulkResult[]) {
  const count = (kind: BulkResult['outcome']) => results.filter(({ outcome }) => outcome === kind).length;
  return { done: count('done'), unchanged: count('unchanged'), failed: count('failed') };
}

/**
 * One bulk action. It completes with the last result. A cancelled one still takes the results of what was under way.
 * Refuses with BULK_NOT_FOUND, and BULK_ENDED for cancelling what is complete.
 */
export const bulk: Decider<BulkState, BulkCommand, BulkEvent, void> = {
  initial: () => ({
    action: null,
    ticketIds: [],
    results: [],
    status: 'running',
    startedAt: null,
    endedAt: null,
  }),
  evolve,
  decide(command, state) {
    if (command.type === 'StartBulkAction')
      return state.action ? [] : [{ type: 'BulkActionStarted', data: command.data }];
    if (!state.action) throw new AppError('BULK_NOT_FOUND');
    return command.type === 'CancelBulkAction' ? cancel(state) : record(command.data.results, state);
  },
};

function evolve(state: BulkState, event: Recorded<BulkEvent>): BulkState {
  const { at } = event.metadata;
  switch (event.type) {
    case 'BulkActionStarted':
      return { ...state, ...event.data, startedAt: at };
    case 'BulkItemsDone':
      return { ...state, results: [...state.results, ...event.data.results] };
    case 'BulkActionCancelled':
      return { ...state, status: 'cancelled', endedAt: at };
    case 'BulkActionCompleted':
      return { ...state, status: 'completed', endedAt: at };
    default:
      return state;
  }
}

function cancel(state: BulkState): BulkEvent[] {
  if (state.status === 'completed') throw new AppError('BULK_ENDED');
  if (state.status === 'cancelled') return [];
  return [{ type: 'BulkActionCancelled', data: { remaining: pendingOf(state).length } }];
}

function record(given: readonly BulkResult[], state: BulkState): BulkEvent[] {
  const pending = pendingOf(state);
  const results = given.filter(({ ticketId }) => pending.includes(ticketId));
  if (results.length === 0) return [];
  const done: BulkEvent = { type: 'BulkItemsDone', data: { results } };
  const complete = state.status === 'running' && results.length === pending.length;
  return complete ? [done, { type: 'BulkActionCompleted', data: countsOf([...state.results, ...results]) }] : [done];
}
