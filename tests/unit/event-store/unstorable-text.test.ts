import { describe, expect, test } from 'vitest';
import { refuseUnstorableText } from '#packages/event-store/unstorable-text.ts';

describe('text that cannot be stored', () => {
  test.each([
    { value: 'a\0', pointer: '' },
    { value: { message: { text: '\0' } }, pointer: '/message/text' },
    { value: { list: ['fine', { name: '\ud83d' }] }, pointer: '/list/1/name' },
    { value: { 'a/b': { 'c~d': '\udc00x' } }, pointer: '/a~1b/c~0d' },
    { value: { settings: { 'k\0': 1 } }, pointer: '/settings' },
  ])('is refused with its pointer $pointer', ({ value, pointer }) => {
    const fields = [{ pointer: `/data${pointer}`, detail: expect.any(String) }];
    expect(() => refuseUnstorableText(value, '/data')).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', fields }),
    );
  });

  test.each([
    '',
    '\u0001\u001f\ufffd\uffff',
    '👩‍👩‍👧‍👦',
    '\\u0000 spelled out',
    null,
    undefined,
    0,
    true,
    { a: [1, null, { b: 'c' }] },
  ])('is not %j', (value) => {
    expect(() => refuseUnstorableText(value, '')).not.toThrow();
  });
});
