import pg from 'pg';
import { transaction } from '#packages/postgres/transaction.ts';
import type { AnyProjection } from './projection.ts';
import { type Generation, listGenerations } from './registry.ts';
import { tableSql } from './table-sql.ts';

const quoted = pg.escapeIdentifier;
/** An index over many millions of rows takes minutes. */
const finishTimeoutMs = 1_800_000;

/** Serialises decisions about the generations of one projection, and holds all of them still, until the transaction ends. */
export async function lockGenerations(client: pg.ClientBase, name: string): Promise<readonly Generation[]> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('projection ' || $1, 0))`, [name]);
  await client.query('select from desk.projections where name = $1 order by generation for update', [name]);
  return listGenerations(client, name);
}

const tablesOf = (schema: string, { tables }: AnyProjection) =>
  Object.entries(tables).map(([name, table]) => tableSql(schema, name, table));

/** Makes the empty tables of a read model in a schema of their own, without the indexes that only readers need. */
export async function createTables(client: pg.ClientBase, schema: string, projection: AnyProjection): Promise<void> {
  const tables = tablesOf(schema, projection).map(({ create }) => create);
  await client.query([`create schema ${quoted(schema)}`, ...tables].join(';'));
}

/**
 * Makes full tables ready for readers: indexes, which cost least to build at the end, and statistics, without which the
 * first queries would be planned blindly. Does nothing that has been done.
 */
export async function finishTables(pool: pg.Pool, schema: string, projection: AnyProjection): Promise<void> {
  await transaction(pool, async (client) => {
    await client.query(`set local statement_timeout = ${finishTimeoutMs}`);
    for (const { analyze, indexes } of tablesOf(schema, projection))
      for (const text of [...indexes, analyze]) {
        const query = { text, query_timeout: finishTimeoutMs };
        await client.query(query);
      }
  });
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
  const names = new Set([...rows.map((row) => row.view_name), ...Object.keys(projection.tables)]);
  const drops = [...names].map((name) => `drop view if exists read.${quoted(name)}`);
  const creates = tablesOf(to.schema, projection).map(({ view }) => view);
  await client.query([...drops, ...creates].join(';'));
}
