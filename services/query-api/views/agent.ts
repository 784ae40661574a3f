import type { Agent } from '#contracts/api/agents.ts';
import type { Principal } from '#packages/http/auth.ts';
import { absencesSince, unavailableBy } from '#packages/read-db/agents.ts';
import type { AgentAbsenceRow } from '#packages/read-db/tables-agents.ts';
import type { QueryApiDeps } from '../deps.ts';
import { type FoundAgent, groupsOf } from '../reads/agents.ts';
import { loadNames, type Names } from '../reads/names.ts';
import { readsReasons } from './absence-reason.ts';

/** Agents as they are now, with what routing would pass them over for, as somebody of the desk sees them. */
export async function agentViews(
  { clock, db, settings }: QueryApiDeps,
  rows: readonly FoundAgent[],
  principal: Principal,
): Promise<readonly Agent[]> {
  const now = { at: clock.now(), settings: settings.current() };
  const ids = rows.map(({ id }) => id);
  const [absences, groups] = await Promise.all([absencesSince(db, ids, now.at), groupsOf(db, ids)]);
  const deputies = [...absences.values()].flat().map(({ deputy_id }) => deputy_id);
  const names = await loadNames(db, { people: deputies });
  return rows.map((row): Agent => {
    const own = absences.get(row.id) ?? [];
    const unavailable = unavailableBy(row, own, now);
    const calendar = row.calendar_id === null ? null : now.settings.current('calendar', row.calendar_id);
    return {
      id: row.id,
      name: row.name,
      groups: groups.get(row.id) ?? [],
      skills: [...(row.skills ?? [])],
      workingHours:
        row.calendar_id === null ? null : { calendarId: row.calendar_id, name: calendar?.value.name ?? null },
      maxOpenTickets: row.max_open_tickets,
      openTickets: row.open_tickets ?? 0,
      absences: own.map((absence) => absenceView(absence, names, readsReasons(principal, row.id))),
      available: unavailable === null,
      unavailable,
      version: row.version,
    };
  });
}

const absenceView = (row: AgentAbsenceRow, names: Names, withReason: boolean): Agent['absences'][number] => ({
  id: row.absence_id,
  from: row.starts_at.toISOString(),
  to: row.ends_at.toISOString(),
  reason: withReason ? row.reason : '',
  deputy: names.personOrNull(row.deputy_id),
});
