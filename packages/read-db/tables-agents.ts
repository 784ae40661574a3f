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
