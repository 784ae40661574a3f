import { type Static, Type } from 'typebox';
import { Instant, Nullable } from '../primitives.ts';
import { GroupRef } from './common.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const QueueCounts = Type.Object(
  {
    total: Count('neither resolved nor closed'),
    new: Count('nobody has touched it'),
    open: Count('the desk has to act'),
    pending: Count('waits for the customer'),
    onHold: Count('waits for somebody else'),
    unassigned: Count('has no agent'),
    breached: Count('an SLA clock ran out'),
    dueSoon: Count('the next deadline is within the hour'),
    mine: Count('assigned to you'),
  },
  { title: 'QueueCounts' },
);
export type QueueCounts = Static<typeof QueueCounts>;

export const Queues = Type.Object(
  {
    at: Instant,
    queues: Type.Array(
      Type.Object(
        {
          group: Nullable(GroupRef),
          counts: QueueCounts,
          href: Type.String({ description: 'the tickets of this queue' }),
        },
        { title: 'Queue', description: 'open tickets of one group; group null: of no group' },
      ),
    ),
    total: QueueCounts,
  },
  { title: 'Queues' },
);
export type Queues = Static<typeof Queues>;
