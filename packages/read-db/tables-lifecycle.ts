import type { TimerKind } from '#packages/domain/ticket/timers.ts';

/** What `tickets` holds of the course of a ticket beyond the category of its status. */
export type LifecycleColumns = {
  /** Custom status, and the revision of it that the ticket was given; null: the category's own. */
  status_id: string | null;
  status_version: number | null;
  /** Since when the customer is silent: the ticket waits for them, and nobody can go on with it. */
  pending_since: Date | null;
  /** Reminders since then. */
  reminders: number;
  /** When the ticket is resolved for want of an answer. */
  resolves_at: Date | null;
  /** When it opens by itself. */
  resume_at: Date | null;
  /** When it is closed by itself. */
  closes_at: Date | null;
  /** Until when its customer may reopen it; null also when there is no such limit. */
  reopen_until: Date | null;
};

/** Something a ticket does by itself when its time comes, for the timer. */
export type TimerRow = {
  ticket_id: string;
  kind: TimerKind;
  due_at: Date;
  /** The ticket is merged or spam: the timer rests until that is taken back. */
  set_aside: boolean;
  version: number;
  position: bigint;
};
