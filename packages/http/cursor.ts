import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { AppError } from '#packages/kernel/errors.ts';

const CursorText = Type.Object({ q: Type.String(), k: Type.Unknown() });

/** The query a cursor belongs to: its sort and filters, without cursor and limit. */
export type CursorScope = Readonly<Record<string, unknown>>;

const fingerprint = (scope: CursorScope): string =>
  createHash('sha256')
    .update(canonicalize(scope) ?? '')
    .digest('base64url')
    .slice(0, 12);

/** Opaque text for the keys of the last row of a page. */
export const encodeCursor = (scope: CursorScope, keys: unknown): string =>
  Buffer.from(JSON.stringify({ q: fingerprint(scope), k: keys })).toString('base64url');

/**
 * Keys of the row to go on after. Throws INVALID_CURSOR when the text was not made by `encodeCursor`, for another query,
 * or when the keys do not match their schema: they go into SQL parameters, so their types are checked like any input.
 */
export function decodeCursor<K extends TSchema>(scope: CursorScope, text: string, keys: K): Static<K> {
  const cursor = parse(text);
  if (!Value.Check(CursorText, cursor) || cursor.q !== fingerprint(scope) || !Value.Check(keys, cursor.k)) {
    throw new AppError('INVALID_CURSOR', {
      fields: [{ pointer: 'cursor', detail: 'must be the cursor that a page of this very query gave' }],
    });
  }
  return cursor.k as Static<K>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined; // Not JSON: refused by the check like any other foreign text.
  }
}
