import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '#packages/http/cursor.ts';
import { isAppError } from '#packages/kernel/errors.ts';

const Keys = Type.Tuple([Type.String(), Type.Integer()]);
const scope = { list: 'tickets', sort: 'updated', status: ['open', 'new'] };

const codeOf = (act: () => unknown) => {
  try {
    return act();
  } catch (error) {
    return isAppError(error) ? error.code : error;
  }
};

describe('cursors', () => {
  it('give the keys back to the query they were made for', () => {
    expect(decodeCursor(scope, encodeCursor(scope, ['a', 1]), Keys)).toEqual(['a', 1]);
    const sameInOtherOrder = { status: ['open', 'new'], sort: 'updated', list: 'tickets' };
    expect(decodeCursor(sameInOtherOrder, encodeCursor(scope, ['a', 1]), Keys)).toEqual(['a', 1]);
  });

  it('can be written into a URL as they are', () => {
    expect(encodeCursor(scope, ['ÿþ+/=', 1])).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it.each([
    ['of another query', encodeCursor({ ...scope, sort: 'created' }, ['a', 1])],
    ['with other keys', encodeCursor(scope, ['a', 'b'])],
    ['with keys missing', encodeCursor(scope, ['a'])],
    ['of nobody', 'bm8'],
    ['that are empty', ''],
    ['that are JSON of another kind', Buffer.from('null').toString('base64url')],
  ])('%s are refused', (_what, cursor) => {
    expect(codeOf(() => decodeCursor(scope, cursor, Keys))).toBe('INVALID_CURSOR');
  });
});
