import type { AgentEvent } from '#contracts/events/agent.ts';
import { AppError, type FieldError } from '#packages/kernel/errors.ts';
import type { Absence, AgentFacts } from './commands.ts';

/** Of absences that are not over; more would be a mistake of some client. */
const maxAhead = 100;

/**
 * An absence besides those there are. Refuses with ABSENCE_INVALID (the field at fault; extra `absenceId` is the one that
 * it would overlap) and UNKNOWN_AGENT for a deputy who is none.
 */
export function planAbsence(
  data: Absence,
  planned: readonly Absence[],
  { agentId, isAgent, now }: AgentFacts,
): AgentEvent[] {
  const { deputyId, from, to } = data;
  const [begins, ends] = [Temporal.Instant.from(from), Temporal.Instant.from(to)];
  if (Temporal.Instant.compare(begins, ends) >= 0) throw invalid('/to', 'must be later than `from`');
  if (Temporal.Instant.compare(ends, now) <= 0) throw invalid('/to', 'is over already');
  if (deputyId === agentId) throw invalid('/deputyId', 'is the one who is absent');
  if (deputyId !== null && !isAgent(deputyId))
    throw new AppError('UNKNOWN_AGENT', { fields: [{ pointer: '/deputyId', detail: 'is not an agent' }] });
  const other = planned.find((absence) => absence.from < to && from < absence.to);
  if (other)
    throw new AppError('ABSENCE_INVALID', {
      detail: `The agent is absent from ${other.from} to ${other.to} already.`,
      fields: [{ pointer: '/from', detail: 'overlaps another absence' }],
      extra: { absenceId: other.absenceId },
    });
  const ahead = planned.filter((absence) => Temporal.Instant.compare(Temporal.Instant.from(absence.to), now) > 0);
  if (ahead.length >= maxAhead) throw invalid('', `makes more than ${maxAhead} absences to come`);
  return [{ type: 'AgentAbsencePlanned', data }];
}

function invalid(pointer: string, detail: string): AppError {
  const fields: FieldError[] = [{ pointer, detail }];
  return new AppError('ABSENCE_INVALID', { fields });
}
