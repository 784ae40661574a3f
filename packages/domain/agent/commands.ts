import type { AgentEvent } from '#contracts/events/agent.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';

type DataOf<T extends AgentEvent['type']> = Extract<AgentEvent, { type: T }>['data'];

/** Half-open: at `to` the agent is back. Instants are in the form of the log and compare as text. */
export type Absence = DataOf<'AgentAbsencePlanned'>;

export type AgentCommand =
  | { readonly type: 'ChangeSkills'; readonly data: DataOf<'AgentSkillsChanged'> }
  | { readonly type: 'ChangeWorkingHours'; readonly data: DataOf<'AgentWorkingHoursChanged'> }
  | { readonly type: 'ChangeCapacity'; readonly data: DataOf<'AgentCapacityChanged'> }
  | { readonly type: 'PlanAbsence'; readonly data: Absence }
  | { readonly type: 'CancelAbsence'; readonly data: DataOf<'AgentAbsenceCancelled'> };

export type AgentFacts = {
  readonly now: Temporal.Instant;
  readonly settings: Pick<SettingsLookup, 'current'>;
  /** Whose profile it is. */
  readonly agentId: string;
  isAgent(personId: string): boolean;
};
