import type pg from 'pg';
import { translatePostgresError } from './errors.ts';

/** The rows of a statement on a table beside the log. Rejects with READ_MODEL_UNAVAILABLE or TIMEOUT. */
export async function rowsOf<Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  try {
    return (await pool.query<Row>(text, [...values])).rows;
  } catch (error) {
    throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
  }
}
