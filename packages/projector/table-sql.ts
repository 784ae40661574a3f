import pg from 'pg';
import type { AnyRow, AnyTable } from './projection.ts';

const quoted = pg.escapeIdentifier;

/** The statements that work on one table of one generation. Rows and keys go in as one JSON parameter. */
export function tableSql(schema: string, name: string, table: AnyTable) {
  const target = `${quoted(schema)}.${quoted(name)}`;
  const columns = Object.keys(table.columns).map(quoted);
  const generated = Object.entries(table.generated ?? {});
  const key = table.key.map(quoted);
  const given = `json_populate_recordset(null::${target}, $1)`;
  const others = columns.filter((column) => !key.includes(column));
  const update = others.map((column) => `${column} = excluded.${column}`).join(', ');

  return {
    create: `create table ${target} (${[...Object.entries(table.columns), ...generated]
      .map(([column, type]) => `${quoted(column)} ${type}`)
      .join(', ')}, primary key (${key.join(', ')}))`,
    indexes: table.indexes.map(
      (index, n) => `create index if not exists ${quoted(`${name}_${n + 1}`)} on ${target} ${index}`,
    ),
    analyze: `analyze ${target}`,
    view: `create view read.${quoted(name)} as select ${[...columns, ...generated.map(([column]) => quoted(column))].join(', ')} from ${target}`,
    load: `select ${columns.map((column) => `t.${column}`).join(', ')} from ${given} k join ${target} t using (${key.join(', ')})`,
    upsert: `insert into ${target} (${columns.join(', ')}) select ${columns.join(', ')} from ${given}
      on conflict (${key.join(', ')}) do ${update ? `update set ${update}` : 'nothing'}`,
    remove: `delete from ${target} t using ${given} k where ${key.map((column) => `t.${column} = k.${column}`).join(' and ')}`,
  };
}

export type TableSql = ReturnType<typeof tableSql>;

/**
 * JSON that json_populate_recordset takes without loss: bigint as digits, and text without what PostgreSQL cannot
 * store (U+0000, lone surrogates), so that no message from outside can stop a projection.
 */
export const rowsToJson = (rows: readonly AnyRow[]): string => JSON.stringify(rows, storable);

function storable(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD');
  return value;
}
