import { type Static, Type } from 'typebox';
import { Nullable, Priority, Slug, Status, Strict, Uuid } from './primitives.ts';

const Name = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' });

/** A status of the desk's own. What the machine makes of it (SLA, KPI, transitions) follows from its category alone. */
export const CustomStatus = Strict({
  name: Name,
  category: { ...Status, description: 'never changes: figures of the past hang on it' },
  order: Type.Integer({ description: 'place in lists' }),
  publicName: Type.Optional({ ...Name, description: 'what customers see; left out: they see the category' }),
});
export type CustomStatus = Static<typeof CustomStatus>;

const Days = (minimum: number, description: string) => Type.Integer({ minimum, maximum: 3_650, description });

/** When tickets close, reopen and are chased by themselves. Days are calendar days of 24 hours, not business days. */
export const LifecyclePolicy = Strict({
  name: Name,
  order: Type.Integer({ description: 'the first match by ascending order wins' }),
  match: Strict({
    priorities: Type.Optional(Type.Array(Priority)),
    companies: Type.Optional(Type.Array(Uuid)),
    mailboxes: Type.Optional(Type.Array(Slug)),
  }),
  reopenDays: Nullable(
    Days(0, 'a customer who replies within that many days of the resolution reopens the ticket; null: at any time'),
  ),
  autoCloseDays: Nullable(Days(1, 'a ticket is closed that many days after it was resolved; null: never')),
  pendingReminderDays: Type.Optional(
    Days(1, 'the customer is reminded when a ticket waits for them that long, three times at most'),
  ),
  pendingResolveDays: Type.Optional(Days(1, 'a ticket that waits for the customer that long is resolved')),
});
export type LifecyclePolicy = Static<typeof LifecyclePolicy>;
