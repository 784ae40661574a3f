import type pg from 'pg';
import type { StoredEvent } from '#packages/event-store/port.ts';
import type { AnyProjection, AnyRow } from './projection.ts';
import { foldBatch } from './rows.ts';
import { rowsToJson, tableSql } from './table-sql.ts';

/** Applies events to the tables of one generation, inside the caller's transaction. */
export type Apply = (client: pg.ClientBase, events: readonly StoredEvent[]) => Promise<void>;

/**
 * Loads the rows that the events touch, folds in memory and writes each table with one statement. The result throws
 * what fold throws, and the errors of pg as they are.
 */
export function createApply(schema: string, projection: AnyProjection): Apply {
  const sql = new Map(Object.entries(projection.tables).map(([name, table]) => [name, tableSql(schema, name, table)]));

  return async (client, events) => {
    if (events.length === 0) return;
    const run = async (table: string, kind: 'load' | 'upsert' | 'remove', rows: readonly AnyRow[]) => {
      const text = sql.get(table)?.[kind];
      if (text === undefined || rows.length === 0) return [];
      const result = await client.query<AnyRow>({
        name: `${schema}.${table} ${kind}`,
        text,
        values: [rowsToJson(rows)],
      });
      return result.rows;
    };

    const changes = await foldBatch(projection, events, (table, keys) => run(table, 'load', keys));
    for (const [table, { upserts, deletes }] of changes) {
      await run(table, 'remove', deletes);
      await run(table, 'upsert', upserts);
    }
  };
}
