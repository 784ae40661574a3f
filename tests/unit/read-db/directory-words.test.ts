import { describe, expect, test } from 'vitest';
import {
  isSameNumber,
  nameQuery,
  numberQuery,
  tellingPart,
  wholeNumberQuery,
} from '#packages/read-db/directory-words.ts';

describe('telephone numbers', () => {
  test.each([
    ['+49171556677', '+49171556677', true],
    ['0171556677', '+49171556677', true],
    ['+49171556677', '171556677', true],
    ['0171556677', '171556677', true],
    ['+49171556677', '+1171556677', false],
    ['+171556677', '+49171556677', false],
    ['556677', '+49171556677', false],
    ['0171556677', '0171556678', false],
  ])('%s and %s are one: %s', (one, other, same) => {
    expect([isSameNumber(one, other), isSameNumber(other, one)]).toEqual([same, same]);
  });

  test('tell by their digits, from wherever they are dialled', () => {
    for (const written of ['+49 (0)30 12-34', '0049 30 1234', '49.30.1234'])
      expect(tellingPart(written)).toBe('49301234');
    expect(tellingPart('030/1234')).toBe('301234');
  });

  test('are looked for from three digits on, with the country or without', () => {
    expect(numberQuery('0 12')).toBeNull();
    expect(numberQuery('call me')).toBeNull();
    expect(numberQuery('123')).toBe("'123':*");
    expect(numberQuery('+49 171 55')).toBe("'4917155':* | 'L917155':* | 'L17155':* | 'L7155':*");
    expect(numberQuery('9'.repeat(100))).toContain(`'${'9'.repeat(15)}':*`);
    expect(wholeNumberQuery('+49171556677')).toBe(
      "'49171556677' | 'L49171556677' | 'L9171556677' | 'L171556677' | 'L71556677' | 'L1556677'",
    );
  });
});

test.each([
  ['José', "'jose':*"],
  ['  anna   MÜL', "'anna':* & 'mul':*"],
  ["O'Neill-Žák", "'o':* & 'neill':* & 'zak':*"],
  ['Åsa Ölander 2', "'asa':* & 'olander':* & '2':*"],
  ['Иван', "'иван':*"],
  ["'; & | ! \\", null],
  ['', null],
])('a name is looked for by its words: %s', (text, query) => {
  expect(nameQuery(text)).toBe(query);
});
