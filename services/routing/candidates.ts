import { type Kysely, sql } from 'kysely';
import { servingRoles } from '#packages/commands/directory-facts.ts';
import type { Candidate } from '#packages/domain/routing/candidates.ts';
import type { SettingsLookup } from '#packages/domain/settings.ts';
import { absencesSince, unavailableBy } from '#packages/read-db/agents.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

/** Read models that the queries below look into. */
export const candidateReadModels = ['agent-load', 'agents', 'groups', 'people'] as const;

/** Those of the groups that exist, each with its members who may work on tickets, as they are at an instant. */
export async function findCandidates(
  db: Kysely<ReadDatabase>,
  groupIds: readonly string[],
  then: { readonly at: Temporal.Instant; readonly settings: Pick<SettingsLookup, 'current'> },
): Promise<ReadonlyMap<string, readonly Candidate[]>> {
  if (groupIds.length === 0) return new Map();
  const groups = await onReadDb(() => db.selectFrom('groups').select('id').where('id', 'in', groupIds).execute());
  const members = await membersOf(db, groupIds);
  const absences = await absencesSince(
    db,
    members.map(({ id }) => id),
    then.at,
  );
  const byGroup = Map.groupBy(members, ({ group_id }) => group_id);
  const candidatesOf = (groupId: string): Candidate[] =>
    (byGroup.get(groupId) ?? []).map((row) => ({
      agentId: row.id,
      openTickets: row.open_tickets ?? 0,
      lastAssignedAt: row.last_assigned_at?.toISOString() ?? null,
      skills: row.skills ?? [],
      unavailable: unavailableBy(row, absences.get(row.id) ?? [], then)?.reason ?? null,
    }));
  return new Map(groups.map(({ id }) => [id, candidatesOf(id)]));
}

const membersOf = (db: Kysely<ReadDatabase>, groupIds: readonly string[]) =>
  onReadDb(() =>
    db
      .selectFrom('group_members')
      .innerJoin('people', 'people.id', 'group_members.person_id')
      .leftJoin('agents', 'agents.agent_id', 'group_members.person_id')
      .leftJoin('agent_load', 'agent_load.agent_id', 'group_members.person_id')
      .where('group_members.group_id', 'in', groupIds)
      .where(sql<boolean>`people.roles && ${[...servingRoles]}::text[]`)
      .select([
        'group_members.group_id',
        'people.id',
        'agents.skills',
        'agents.calendar_id',
        'agents.max_open_tickets',
        'agent_load.open_tickets',
        'agent_load.last_assigned_at',
      ])
      .execute(),
  );
