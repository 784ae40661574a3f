/** Digits of the longest number that is kept. */
const maxDigits = 15;
/** Digits by which a number without its country is still one number in the world, more or less. */
const tellingDigits = 7;

/** SQL of the words of a name as people type them: in lower case and without accents. */
export const nameWordsOf = (name: string): string =>
  `to_tsvector('pg_catalog.simple', regexp_replace(lower(regexp_replace(normalize(${name}, NFKD), ` +
  `'[\\u0300-\\u036f]', '', 'g')), '[^[:alnum:]]+', ' ', 'g'))`;

/**
 * SQL of the ends of a telephone number, so that part of a number is the beginning of one of them, which an index finds.
 * Zeros in front say where somebody dials from. A number that was noted without its country stands there once more, behind
 * an L, for a caller who shows with one.
 */
export function numberEndsOf(number: string): string {
  const digits = `ltrim(${number}, '+0')`;
  const ends = Array.from({ length: maxDigits }, (_, index) => `substr(${digits}, ${index + 1})`);
  const local = `case when ${number} like '+%' then '' else 'L' || ${digits} end`;
  return `array_to_tsvector(array_remove(array[${[...ends, local].join(', ')}], ''))`;
}

/** A text search query for names with words that begin so; null when the text has no word. */
export function nameQuery(text: string): string | null {
  const plain = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.length === 0 ? null : words.map((word) => `'${word}':*`).join(' & ');
}

/** The digits that tell a number, however it is written and from wherever it is dialled. */
export const tellingPart = (text: string): string => text.replace(/\(0\)/g, '').replace(/\D/g, '').replace(/^0+/, '');

/**
 * The same for numbers that hold the digits of the text, as far as it was typed; null for fewer than three. The country may
 * be missing on either side: it has one to three digits (ITU-T E.164).
 */
export function numberQuery(text: string): string | null {
  const digits = tellingPart(text).slice(0, maxDigits);
  if (digits.length < 3) return null;
  const withoutCountry = [1, 2, 3].map((country) => digits.slice(country)).filter(({ length }) => length >= 4);
  return [`'${digits}':*`, ...withoutCountry.map((rest) => `'L${rest}':*`)].join(' | ');
}

/** The same for numbers that may be the one given: `isSameNumber` tells which are. */
export function wholeNumberQuery(number: string): string {
  const digits = tellingPart(number);
  const ends = Array.from(digits, (_, index) => digits.slice(index)).filter(({ length }) => length >= tellingDigits);
  return [`'${digits}'`, ...ends.map((end) => `'L${end}'`)].join(' | ');
}

/** Whether two numbers, as they are kept, reach the same telephone, as far as they tell. */
export function isSameNumber(one: string, other: string): boolean {
  const [a, b] = [tellingPart(one), tellingPart(other)];
  if (a === b) return true;
  const [short, long, isLocal] = a.length < b.length ? [a, b, !one.startsWith('+')] : [b, a, !other.startsWith('+')];
  return isLocal && short.length >= tellingDigits && long.endsWith(short);
}
