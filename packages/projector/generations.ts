import pg from 'pg';
import type { AnyProjection } from './projection.ts';
import { type Generation, listGenerations } from './registry.ts';
import { tableSql } from './table-sql.ts';

const quoted = pg.escapeIdentifier;

/** Serialises decisions about the generations of one projection, and holds all of them still, until the transaction ends. */
export async function lockGenerations(client: pg.ClientBase, name: string): Promise<readonly Generation[]> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('projection ' || $1, 0))`, [name]);
  await client.query('select from desk.projections where name = $1 order by generation for update', [name]);
  return listGenerations(client, name);
}

/** Makes the empty tables of a read model in a schema of their own. */
export async function createTables(client: pg.ClientBase, schema: string, projection: AnyProjection): Promise<void> {
  const tables = Object.entries(projection.tables).map(([name, table]) => tableSql(schema, name, table));
  const statements = [
    `create schema ${quoted(schema)}`,
    ...tables.flatMap(({ create, indexes }) => [create, ...indexes]),
  ];
  await client.query(statements.join(';'));
}

/** Makes empty tables beside those in use and registers them as a generation being built. */
export async function createGeneration(client: pg.ClientBase, projection: AnyProjection): Promise<Generation> {
  const { name, version } = projection;
  const last = (await listGenerations(client, name)).at(-1)?.generation ?? 0;
  const generation = last + 1;
  const schema = `rm_${name.replaceAll('-', '_')}_v${version}_g${generation}`;
  await createTables(client, schema, projection);
  await client.query(
    `insert into desk.projections (name, generation, version, schema_name, stage) values ($1, $2, $3, $4, 'building')`,
    [name, generation, version, schema],
  );
  const created = (await listGenerations(client, name)).find((each) => each.generation === generation);
  if (!created) throw new Error(`generation ${generation} of ${name} was not registered`);
  return created;
}

/** Removes a generation with its tables. */
export async function dropGeneration(client: pg.ClientBase, { name, generation, schema }: Generation): Promise<void> {
  await client.query(`delete from desk.projections where name = $1 and generation = $2`, [name, generation]);
  await client.query(`drop schema if exists ${quoted(schema)} cascade`);
}

/** Points the views of the readers to a generation's tables; those of the one before that have no successor go. */
export async function switchViews(
  client: pg.ClientBase,
  projection: AnyProjection,
  { from, to }: { from: Generation | undefined; to: Generation },
): Promise<void> {
  const { rows } = await client.query<{ view_name: string }>(
    `select distinct view_name from information_schema.view_table_usage where view_schema = 'read' and table_schema = $1`,
    [from?.schema ?? ''],
  );
  const tables = Object.entries(projection.tables);
  const names = new Set([...rows.map((row) => row.view_name), ...tables.map(([name]) => name)]);
  const drops = [...names].map((name) => `drop view if exists read.${quoted(name)}`);
  const creates = tables.map(([name, table]) => tableSql(to.schema, name, table).view);
  await client.query([...drops, ...creates].join(';'));
}
