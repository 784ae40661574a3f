import type { AgentEvent } from '#contracts/events/agent.ts';
import type { Decider, Recorded } from '#packages/domain/decider.ts';
import { AppError } from '#packages/kernel/errors.ts';
import { planAbsence } from './absences.ts';
import type { Absence, AgentCommand, AgentFacts } from './commands.ts';

export type AgentState = {
  readonly skills: readonly string[];
  readonly calendarId: string | null;
  readonly maxOpenTickets: number | null;
  /** Without those that were cancelled. */
  readonly absences: readonly Absence[];
};

/**
 * How a person works who works on tickets: a facet of the person, on the same stream. It is kept for somebody who is no
 * agent for a while. Refuses with UNKNOWN_AGENT, UNKNOWN_CALENDAR, ABSENCE_INVALID and ABSENCE_NOT_FOUND.
 */
export const agent: Decider<AgentState, AgentCommand, AgentEvent, AgentFacts> = {
  initial: () => ({ skills: [], calendarId: null, maxOpenTickets: null, absences: [] }),
  evolve,
  decide(command, state, facts) {
    if (!facts.isAgent(facts.agentId)) throw new AppError('UNKNOWN_AGENT');
    return change(command, state, facts);
  },
};

function evolve(state: AgentState, event: Recorded<AgentEvent>): AgentState {
  switch (event.type) {
    case 'AgentSkillsChanged':
      return { ...state, skills: event.data.skills };
    case 'AgentWorkingHoursChanged':
      return { ...state, calendarId: event.data.calendarId };
    case 'AgentCapacityChanged':
      return { ...state, maxOpenTickets: event.data.maxOpenTickets };
    case 'AgentAbsencePlanned':
      return { ...state, absences: [...state.absences, event.data] };
    case 'AgentAbsenceCancelled': {
      const { absenceId } = event.data;
      return { ...state, absences: state.absences.filter((absence) => absence.absenceId !== absenceId) };
    }
    default:
      return state;
  }
}

function change(command: AgentCommand, state: AgentState, facts: AgentFacts): AgentEvent[] {
  switch (command.type) {
    case 'ChangeSkills': {
      const skills = [...new Set(command.data.skills)].sort();
      const same = skills.length === state.skills.length && skills.every((skill) => state.skills.includes(skill));
      return same ? [] : [{ type: 'AgentSkillsChanged', data: { skills } }];
    }
    case 'ChangeWorkingHours': {
      const { calendarId } = command.data;
      if (calendarId === state.calendarId) return [];
      if (calendarId !== null && !facts.settings.current('calendar', calendarId))
        throw new AppError('UNKNOWN_CALENDAR', { fields: [{ pointer: '/calendarId', detail: 'names no calendar' }] });
      return [{ type: 'AgentWorkingHoursChanged', data: { calendarId } }];
    }
    case 'ChangeCapacity': {
      const { maxOpenTickets } = command.data;
      return maxOpenTickets === state.maxOpenTickets ? [] : [{ type: 'AgentCapacityChanged', data: command.data }];
    }
    case 'PlanAbsence':
      return planAbsence(command.data, state.absences, facts);
    case 'CancelAbsence': {
      const { absenceId } = command.data;
      if (!state.absences.some((absence) => absence.absenceId === absenceId)) throw new AppError('ABSENCE_NOT_FOUND');
      return [{ type: 'AgentAbsenceCancelled', data: { absenceId } }];
    }
    default:
      return command satisfies never;
  }
}
