import { type Kysely, sql } from 'kysely';
import { type Static, Type } from 'typebox';
import type { AgentQuery } from '#contracts/api/agents.ts';
import { Uuid } from '#contracts/primitives.ts';
import { servingRoles } from '#packages/commands/directory-facts.ts';
import { decodeCursor } from '#packages/http/cursor.ts';
import type { WorkloadColumns } from '#packages/read-db/agents.ts';
import { onReadDb } from '#packages/read-db/query.ts';
import type { ReadDatabase } from '#packages/read-db/tables.ts';
import { after, KeyText, type Page, pageOf } from './paging.ts';

type Db = Kysely<ReadDatabase>;

export type FoundAgent = WorkloadColumns & {
  readonly id: string;
  readonly name: string;
  readonly skills: readonly string[] | null;
  readonly version: number;
};

const byName = [sql.ref('people.name'), sql.ref('people.id')];
const Keys = Type.Tuple([KeyText, Uuid]);

/** Everybody who works on tickets. */
const agentsIn = (db: Db) =>
  db
    .selectFrom('people')
    .leftJoin('agents', 'agents.agent_id', 'people.id')
    .leftJoin('agent_load', 'agent_load.agent_id', 'people.id')
    .where(sql<boolean>`people.roles && ${[...servingRoles]}::text[]`)
    .select([
      'people.id',
      'people.name',
      'agents.skills',
      'agents.calendar_id',
      'agents.max_open_tickets',
      'agent_load.open_tickets',
      sql<number>`greatest(people.version, agents.version)`.as('version'),
    ]);

/** One page of agents in order of name. */
export async function listAgents(
  db: Db,
  { cursor, group, limit = 50, skill }: Static<typeof AgentQuery>,
): Promise<Page<FoundAgent>> {
  const scope = { list: 'agents', group: group ?? null, skill: skill ?? null };
  let query = agentsIn(db)
    .orderBy('people.name')
    .orderBy('people.id')
    .limit(limit + 1);
  if (skill !== undefined) query = query.where(sql<boolean>`agents.skills @> array[${skill}]::text[]`);
  if (group !== undefined)
    query = query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('group_members')
          .select('person_id')
          .whereRef('person_id', '=', 'people.id')
          .where('group_id', '=', group),
      ),
    );
  if (cursor !== undefined) query = query.where(after('asc', byName, decodeCursor(scope, cursor, Keys)));
  const rows = await onReadDb(() => query.execute());
  return pageOf(rows, { limit, scope, keysOf: ({ id, name }) => [name, id] });
}

export const findAgent = (db: Db, id: string): Promise<FoundAgent | undefined> =>
  onReadDb(() => agentsIn(db).where('people.id', '=', id).executeTakeFirst());

/** The groups that people are in, by person and in order of name. */
export async function groupsOf(db: Db, personIds: readonly string[]) {
  if (personIds.length === 0) return new Map<string, { id: string; name: string }[]>();
  const rows = await onReadDb(() =>
    db
      .selectFrom('group_members')
      .innerJoin('groups', 'groups.id', 'group_members.group_id')
      .where('group_members.person_id', 'in', personIds)
      .select(['group_members.person_id', 'groups.id', 'groups.name'])
      .orderBy('groups.name')
      .execute(),
  );
  const byPerson = Map.groupBy(rows, ({ person_id }) => person_id);
  return new Map([...byPerson].map(([person, groups]) => [person, groups.map(({ id, name }) => ({ id, name }))]));
}
