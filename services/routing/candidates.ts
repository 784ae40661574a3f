import { type Kysely, sql } from 'kysely';
import { servingRoles } from '#packages/commands/directory-facts.ts';
import type { Candidate } from '#packages/domain/routing/route.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';

/** Read models that the query below joins. */
export const candidateReadModels = ['agent-load', 'groups', 'people'] as const;

/** Those of the groups that exist, each with its members who may work on tickets and their load. */
export const findCandidates = (
  db: Kysely<ReadDatabase>,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Candidate[]>> =>
  onReadDb(async () => {
    if (groupIds.length === 0) return new Map();
    const groups = await db.selectFrom('groups').select('id').where('id', 'in', groupIds).execute();
    const members = await db
      .selectFrom('group_members')
      .innerJoin('people', 'people.id', 'group_members.person_id')
      .leftJoin('agent_load', 'agent_load.agent_id', 'group_members.person_id')
      .where('group_members.group_id', 'in', groupIds)
      .where(sql<boolean>`people.roles && ${[...servingRoles]}::text[]`)
      .select(['group_members.group_id', 'people.id', 'agent_load.open_tickets', 'agent_load.last_assigned_at'])
      .execute();
    return new Map(
      groups.map(({ id }) => [id, members.filter(({ group_id: groupId }) => groupId === id).map(candidateOf)]),
    );
  });

const candidateOf = (row: { id: string; open_tickets: number | null; last_assigned_at: Date | null }): Candidate => ({
  agentId: row.id,
  openTickets: row.open_tickets ?? 0,
  lastAssignedAt: row.last_assigned_at?.toISOString() ?? null,
});
