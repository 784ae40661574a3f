import { type RawBuilder, sql } from 'kysely';
import { Type } from 'typebox';
import { type CursorScope, encodeCursor } from '#packages/http/cursor.ts';

/** Keys in cursors, bounded by what the columns they are compared with can hold: a cursor is input like any other. */
export const KeyInteger = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
/** A place in the log, as digits: it does not fit into a number. */
export const KeyPosition = Type.String({ pattern: '^[0-9]{1,18}$' });
export const KeyInstant = Type.String({ format: 'date-time', pattern: '^[1-9].*Z$' });
export const KeyText = Type.String({ pattern: '^[^\\u0000]*$' });

/** One page of rows, and the cursor of the next page if there is one. */
export type Page<Row> = { readonly rows: readonly Row[]; readonly cursor: string | null };

/** Makes the page of rows that were fetched with one more than its limit, which tells whether there is a next one. */
export function pageOf<Row>(
  rows: readonly Row[],
  { limit, scope, keysOf }: { limit: number; scope: CursorScope; keysOf: (row: Row) => unknown },
): Page<Row> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: shown, cursor: more ? encodeCursor(scope, keysOf(last)) : null };
}

/** Path of the page after this one: the same query with another cursor. */
export function nextLink(url: string, cursor: string | null): string | null {
  if (cursor === null) return null;
  const [path = '', query = ''] = url.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set('cursor', cursor);
  return `${path}?${parameters.toString()}`;
}

/** Text as a pattern of LIKE that matches it anywhere, or at the start. */
export const containing = (text: string): string => `%${escapeLike(text)}%`;
export const startingWith = (text: string): string => `${escapeLike(text)}%`;
const escapeLike = (text: string): string => text.replace(/[\\%_]/g, (character) => `\\${character}`);

/** Rows strictly after the keys in the order of the columns; a row comparison, which an index over them serves. */
export function after(
  direction: 'asc' | 'desc',
  columns: readonly RawBuilder<unknown>[],
  keys: readonly unknown[],
): RawBuilder<boolean> {
  const operator = sql.raw(direction === 'asc' ? '>' : '<');
  return sql<boolean>`(${sql.join(columns)}) ${operator} (${sql.join(keys.map((key) => sql`${key}`))})`;
}
