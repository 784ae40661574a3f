import type { Kysely } from 'kysely';
import { type Unavailable, unavailable } from '#packages/domain/agent/availability.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import { onReadDb } from './query.ts';
import type { ReadDatabase } from './tables.ts';
import type { AgentAbsenceRow } from './tables-agents.ts';

/** Columns of `agents` and `agent_load` on which it depends whether somebody is given tickets; null: nothing is known. */
export type WorkloadColumns = {
  readonly calendar_id: string | null;
  readonly max_open_tickets: number | null;
  readonly open_tickets: number | null;
};

/** Absences that are not over at an instant, by agent, soonest first. */
export async function absencesSince(
  db: Kysely<ReadDatabase>,
  agentIds: readonly string[],
  at: Temporal.Instant,
): Promise<ReadonlyMap<string, readonly AgentAbsenceRow[]>> {
  if (agentIds.length === 0) return new Map();
  const rows = await onReadDb(() =>
    db
      .selectFrom('agent_absences')
      .selectAll()
      .where('agent_id', 'in', agentIds)
      .where('ends_at', '>', new Date(at.epochMilliseconds))
      .orderBy('starts_at')
      .execute(),
  );
  return Map.groupBy(rows, ({ agent_id }) => agent_id);
}

/** Why an agent is given no tickets at an instant; null: they are. A calendar that was removed binds nobody. */
export const unavailableBy = (
  { calendar_id, max_open_tickets, open_tickets }: WorkloadColumns,
  absences: readonly AgentAbsenceRow[],
  { at, settings }: { readonly at: Temporal.Instant; readonly settings: Pick<SettingsLookup, 'current'> },
): Unavailable | null =>
  unavailable(
    {
      absences: absences.map(({ deputy_id: deputyId, ends_at, starts_at }) => ({
        from: starts_at.toISOString(),
        to: ends_at.toISOString(),
        deputyId,
      })),
      calendar: (calendar_id && settings.current('calendar', calendar_id)?.value) || null,
      maxOpenTickets: max_open_tickets,
      openTickets: open_tickets ?? 0,
    },
    at,
  );
