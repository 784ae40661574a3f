import { type Static, Type } from 'typebox';
import { BulkAction, maxBulkTickets } from '../bulk-actions.ts';
import { Nullable, OneOf, Strict, Uuid } from '../primitives.ts';
import type { EventOf } from './envelope.ts';

/** What became of one ticket of a bulk action. */
export const BulkResult = Strict({
  ticketId: Uuid,
  outcome: OneOf(['done', 'unchanged', 'failed'], { description: 'unchanged: it was as it should be' }),
  commandId: { ...Uuid, description: 'of the command on the ticket' },
  problem: Nullable(
    Strict({
      code: Type.String({ description: 'why it failed, of the table of refusals' }),
      detail: Type.String(),
      extra: Type.Record(Type.String(), Type.Unknown(), { description: 'what the refusal says besides' }),
    }),
  ),
});
export type BulkResult = Static<typeof BulkResult>;

const Count = Type.Integer({ minimum: 0 });

/** One change of many tickets, each ticket by a command of its own. */
export const bulkEvents = {
  BulkActionStarted: Strict({
    action: BulkAction,
    ticketIds: Type.Array(Uuid, { minItems: 1, maxItems: maxBulkTickets, description: 'chosen once and for all' }),
  }),
  BulkItemsDone: Strict({ results: Type.Array(BulkResult, { minItems: 1 }) }),
  BulkActionCancelled: Strict({ remaining: Count }, { description: 'tickets that nothing has been done to so far' }),
  BulkActionCompleted: Strict({ done: Count, unchanged: Count, failed: Count }),
} as const;

export type BulkEvent = EventOf<typeof bulkEvents>;
