import type { FieldValue } from '#contracts/events/ticket-attributes.ts';
import type { Level } from '#contracts/primitives.ts';

/** What a ticket is about, as columns of its row. */
export type TicketAttributeColumns = {
  type_id: string | null;
  service_id: string | null;
  language: string | null;
  /** Set by hand; `due_at` is the SLA's. */
  due_date: Date | null;
  impact: Level | null;
  urgency: Level | null;
  tags: readonly string[];
  followers: readonly string[];
  /** Values of custom fields by id, and the revision of the definition that each was checked by. */
  fields: Readonly<Record<string, FieldValue>>;
  field_revisions: Readonly<Record<string, number>>;
  work_minutes: number;
  work_billable_minutes: number;
};

/** One piece of work on record. */
export type WorkRow = {
  work_id: string;
  ticket_id: string;
  person_id: string;
  /** Company of the ticket when the work was logged. */
  company_id: string | null;
  minutes: number;
  billable: boolean;
  /** When it was begun, or logged where that is not known. */
  worked_at: Date;
  started_at: Date | null;
  specification: string;
  logged_at: Date;
  /** The last correction. */
  corrected_at: Date | null;
  /** Where in the log it was logged. */
  position: bigint;
};

/** A tag in use, and how many tickets have it. */
export type TagRow = { tag: string; tickets: number };
