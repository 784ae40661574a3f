import { AppError } from '#packages/kernel/errors.ts';
import { isSqlState, sqlState, translatePostgresError } from '#packages/postgres/errors.ts';

/**
 * Runs a query on the read models and speaks of failures in the words of the desk: READ_MODEL_UNAVAILABLE when the
 * database is away or the projector has not made the views yet, TIMEOUT, and INTERNAL for anything else.
 */
export async function onReadDb<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (isSqlState(error, sqlState.undefinedTable)) throw new AppError('READ_MODEL_UNAVAILABLE', { cause: error });
    throw translatePostgresError(error, 'READ_MODEL_UNAVAILABLE');
  }
}
