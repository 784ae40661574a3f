import { type Static, Type } from 'typebox';
import { Instant, Nullable, Slug, Strict } from '../primitives.ts';

const At = (description: string) => Nullable({ ...Instant, description });

/** What the lifecycle policy in force gave a ticket for the status it went to: instants, so that no replay computes them anew. */
export const LifecycleTerms = Strict({
  policyId: Slug,
  policyVersion: Type.Integer({ minimum: 1 }),
  reopenUntil: At('of a resolved or closed ticket: customers reopen it before; null: at any time'),
  closesAt: At('of a resolved ticket: when it is closed by itself; null: never'),
  remindAt: At('of a pending ticket: when the customer is next reminded; null: not'),
  reminderDays: Nullable(Type.Integer({ minimum: 1, description: 'days of 24 hours from one reminder to the next' })),
  resolveAt: At('of a pending ticket: when it is resolved for want of an answer; null: never'),
});
export type LifecycleTerms = Static<typeof LifecycleTerms>;

/** What a change of status says beyond the six categories. All of it may be absent, and is so in old logs. */
export const statusDetails = {
  statusId: Type.Optional({ ...Slug, description: "custom status; absent: the category's own" }),
  statusVersion: Type.Optional(
    Type.Integer({ minimum: 1, description: 'revision of the custom status, for its name' }),
  ),
  resumeAt: Type.Optional({ ...Instant, description: 'when a ticket set aside opens by itself; absent: it does not' }),
  terms: Type.Optional({
    ...LifecycleTerms,
    description:
      'absent: no lifecycle policy applies. A resolved ticket is then reopened by any reply, a closed one by none.',
  }),
};

export const lifecycleEvents = {
  /** The instant at which a ticket that is set aside returns was changed without leaving the status. */
  TicketPostponed: Strict({
    resumeAt: Nullable({ ...Instant, description: 'null: it no longer returns by itself' }),
    resolveAt: Nullable({ ...Instant, description: 'when it is resolved for want of an answer; null: never' }),
  }),
  TicketReminded: Strict({
    count: Type.Integer({ minimum: 1, description: 'reminders since the ticket waits for the customer' }),
    nextAt: Nullable({ ...Instant, description: 'when the next one is due; null: this was the last' }),
  }),
} as const;
