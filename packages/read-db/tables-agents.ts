type Touched = { version: number; position: bigint };

/** How an agent works; somebody of whom nothing was said has no row. */
export type AgentRow = Touched & {
  agent_id: string;
  skills: readonly string[];
  /** Working hours; null: always. */
  calendar_id: string | null;
  max_open_tickets: number | null;
};
/** Without those that were cancelled. */
export type AgentAbsenceRow = {
  absence_id: string;
  agent_id: string;
  starts_at: Date;
  /** First instant back. */
  ends_at: Date;
  reason: string;
  deputy_id: string | null;
};

export type GroupRow = Touched & {
  id: string;
  name: string;
  /** Support line; null: of none. */
  line: number | null;
  /** The group that tickets are handed over to. */
  escalates_to: string | null;
  registered_at: Date;
};
export type GroupMemberRow = { group_id: string; person_id: string; since: Date };

/** What agent_load has counted for a ticket, and whether it waits for an agent. */
export type AgentLoadTicketRow = {
  ticket_id: string;
  agent_id: string | null;
  open: boolean;
  set_aside: boolean;
  /** The group in which it waits until routing finds somebody; null: it does not wait. */
  waits_in: string | null;
  waits_since: Date | null;
  /** What the agent has to be able to do. */
  waits_for: readonly string[];
};
