import { type Static, Type } from 'typebox';
import { BulkAction, BulkRequest, maxBulkTickets } from '../bulk-actions.ts';
import { BulkResult } from '../events/bulk.ts';
import { Instant, Nullable, OneOf, Priority, Status, Strict, Uuid } from '../primitives.ts';
import { outcome, PersonRef, pageOf, paging } from './common.ts';

const Selection = Strict(
  {
    status: Type.Optional(Type.Array(Status, { minItems: 1, maxItems: 6 })),
    priority: Type.Optional(Type.Array(Priority, { minItems: 1, maxItems: 4 })),
    group: Type.Optional(Nullable(Uuid)),
    agent: Type.Optional(Nullable(Uuid)),
    requester: Type.Optional(Uuid),
    company: Type.Optional(Uuid),
    tag: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })),
  },
  { minProperties: 1, description: 'tickets that fit now and are not set aside; null: of no group, of no agent' },
);

export const StartBulkAction = Strict(
  {
    action: BulkRequest,
    ticketIds: Type.Optional(Type.Array(Uuid, { minItems: 1, maxItems: maxBulkTickets, uniqueItems: true })),
    filter: Type.Optional(Selection),
  },
  { title: 'StartBulkAction', description: 'on the tickets named, or on those that fit the filter' },
);
export type StartBulkAction = Static<typeof StartBulkAction>;

export const BulkParams = Strict({ bulk: Uuid });

export const BulkStarted = Type.Object(
  { id: Uuid, tickets: Type.Integer({ description: 'how many it is about' }), ...outcome },
  { title: 'BulkStarted' },
);

const Count = Type.Integer({ minimum: 0 });
export const BulkProgress = Type.Object(
  {
    id: Uuid,
    action: BulkAction,
    status: OneOf(['running', 'cancelled', 'completed']),
    startedBy: PersonRef,
    startedAt: Instant,
    endedAt: Nullable(Instant),
    tickets: Count,
    done: Count,
    unchanged: { ...Count, description: 'were as they should be' },
    failed: Count,
    remaining: { ...Count, description: 'nothing has been done to; of a cancelled one nothing will be' },
    results: Type.String({ description: 'path of the result for each ticket' }),
  },
  { title: 'BulkProgress' },
);
export type BulkProgress = Static<typeof BulkProgress>;

export const BulkResultsQuery = Strict({
  outcome: Type.Optional(OneOf(['done', 'unchanged', 'failed'])),
  ...paging,
});
export const BulkResultPage = pageOf('BulkResultPage', { ...BulkResult, title: 'BulkResult' });
